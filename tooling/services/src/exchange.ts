import { connect } from "node:net";

/**
 * Sends `request` to a port on 127.0.0.1 and resolves to true as soon as `isDone` accepts what came back so far; to
 * false when the connection fails, closes or takes longer than a second.
 */
export const exchange = (
  port: number,
  request: Buffer | string,
  isDone: (reply: Buffer) => boolean,
): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let reply = Buffer.alloc(0);
    const finish = (ok: boolean): void => {
      socket.destroy();
      resolve(ok);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.on("error", () => finish(false));
    socket.on("close", () => finish(false));
    socket.on("data", (chunk) => {
      reply = Buffer.concat([reply, chunk]);
      if (isDone(reply)) finish(true);
    });
    socket.write(request);
  });
