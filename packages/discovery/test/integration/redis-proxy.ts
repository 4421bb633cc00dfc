import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a Redis that can be lost in several ways. */
export interface RedisProxy {
  readonly url: string;
  /**
   * `hold` passes no answers on, as a peer that went silent. `refuse` ends every connection at once. `eat` does not pass
   * on the next answer to a script, and ends its connection.
   */
  mode: "pass" | "hold" | "refuse" | "eat";
  /** Connections that are open. */
  readonly connections: number;
  /** Answers that came and were not passed on. */
  readonly lost: number;
  /** Ends every open connection. */
  cut(): void;
  close(): void;
}

export const startRedisProxy = async (port: number): Promise<RedisProxy> => {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (proxy.mode === "refuse") {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    sockets.add(near);
    for (const socket of [near, far]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(near);
        near.destroy();
        far.destroy();
      });
    }
    let isScript = false;
    near.on("data", (request) => {
      isScript = /eval/i.test(request.toString("latin1"));
      far.write(request);
    });
    far.on("data", (answer) => {
      if (proxy.mode === "hold" || (proxy.mode === "eat" && isScript)) {
        proxy.lost++;
        if (proxy.mode === "hold") return;
        proxy.mode = "pass";
        near.destroy();
      } else near.write(answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  const proxy = {
    url: `redis://127.0.0.1:${own}`,
    mode: "pass" as RedisProxy["mode"],
    lost: 0,
    get connections() {
      return sockets.size;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      server.close();
      proxy.cut();
    },
  };
  return proxy;
};
