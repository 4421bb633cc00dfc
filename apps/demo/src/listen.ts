import type { AddressInfo, Server } from "node:net";

/** Listens on this port of loopback (0 takes a free one) and tells which it is; rejects if it cannot be had. */
export const listenOnLoopback = (
  server: Server,
  port: number,
): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
