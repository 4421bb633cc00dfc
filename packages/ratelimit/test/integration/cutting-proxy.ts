import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server on which answers get lost. */
export interface CuttingProxy {
  readonly url: string;
  /** `hold` passes no answers on. `cut` does not pass on the next answer to a script, and ends its connection. */
  mode: "pass" | "cut" | "hold";
  /** Answers that came and were not passed on. */
  readonly lost: number;
  close(): void;
}

/** Everything clients say reaches the server, at once; what the server says is passed on as long as it is told so. */
export const startCuttingProxy = async (
  port: number,
): Promise<CuttingProxy> => {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    let isScript = false;
    near.on("data", (request) => {
      isScript = /evalsha/i.test(request.toString("latin1"));
      far.write(request);
    });
    far.on("data", (answer) => {
      if (proxy.mode === "pass" || (proxy.mode === "cut" && !isScript))
        near.write(answer);
      else {
        proxy.lost++;
        if (proxy.mode === "hold") return;
        near.destroy();
        // Whoever connects next is answered.
        proxy.mode = "pass";
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  const proxy = {
    url: `redis://127.0.0.1:${own}`,
    mode: "pass" as CuttingProxy["mode"],
    lost: 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
};
