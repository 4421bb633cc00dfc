import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** When the next watch through the proxy is cut: after so many bytes of its answer, or lines of JSON. */
export type Cut = { readonly bytes: number } | { readonly lines: number };

/** A way to a server on which connections break. */
export interface TcpProxy {
  readonly url: string;
  /**
   * `refuse` ends new connections at once. `hold` takes them, and passes nothing on in either direction of any
   * connection: the other end has stopped, or the cable is out.
   */
  mode: "pass" | "refuse" | "hold";
  /** For the watches to come, one each; those after them are not cut. */
  cuts: Cut[];
  /** The next answer to a request for this path is not passed on; its connection ends instead. */
  lose: string | undefined;
  /** Watches that were opened, and cut as planned. */
  readonly watches: number;
  readonly cutWatches: number;
  /** Open connections. */
  readonly connections: number;
  /** Ends every connection. */
  cut(): void;
  /** Watches that are open pass nothing on any more; everything else goes on. */
  deafen(): void;
  close(): Promise<void>;
}

/** What of the answer to one watch has passed. */
class Passage {
  readonly #cut: Cut;
  #bytes = 0;
  #lines = 0;
  #before = 0;
  isOver = false;

  constructor(cut: Cut) {
    this.#cut = cut;
  }

  /** The part of this chunk that may pass. */
  through(chunk: Buffer): Buffer {
    const cut = this.#cut;
    for (const [at, byte] of chunk.entries()) {
      this.#bytes++;
      // HTTP's own line ends have a carriage return; a line of JSON ends with a bare newline.
      if (byte === 0x0a && this.#before !== 0x0d) this.#lines++;
      this.#before = byte;
      this.isOver =
        "bytes" in cut ? this.#bytes === cut.bytes : this.#lines === cut.lines;
      if (this.isOver) return chunk.subarray(0, at + 1);
    }
    return chunk;
  }
}

/** Passes bytes to 127.0.0.1:`port` and back, counting those that answer a watch. */
export const startTcpProxy = async (port: number): Promise<TcpProxy> => {
  const ends = new Set<Socket>();
  const deaf = new Set<Socket>();
  const watching = new Set<Socket>();
  const server = createServer((near) => {
    if (proxy.mode === "refuse") {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    let isLost = false;
    let passage: Passage | undefined;
    const isOver = (): boolean => passage?.isOver ?? false;
    for (const socket of [near, far]) {
      ends.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        for (const set of [ends, deaf, watching]) set.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (request) => {
      if (proxy.mode === "hold" || deaf.has(far)) return;
      if (request.includes("POST /v3/watch")) {
        proxy.watches++;
        watching.add(far);
        const cut = proxy.cuts.shift();
        passage = cut && new Passage(cut);
      }
      isLost =
        proxy.lose !== undefined && request.includes(`POST /v3/${proxy.lose}`);
      far.write(request);
    });
    far.on("data", (answer) => {
      if (proxy.mode === "hold" || deaf.has(far) || isOver()) return;
      if (isLost) {
        proxy.lose = undefined;
        near.destroy();
        return;
      }
      const part = passage?.through(answer) ?? answer;
      if (!isOver()) {
        near.write(part);
        return;
      }
      proxy.cutWatches++;
      near.end(part, () => near.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  const proxy = {
    url: `http://127.0.0.1:${own}`,
    mode: "pass" as TcpProxy["mode"],
    cuts: [] as Cut[],
    lose: undefined as string | undefined,
    watches: 0,
    cutWatches: 0,
    get connections() {
      return ends.size / 2;
    },
    cut: () => {
      for (const socket of ends) socket.destroy();
    },
    deafen: () => {
      for (const socket of watching) deaf.add(socket);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of ends) socket.destroy();
      }),
  };
  return proxy;
};
