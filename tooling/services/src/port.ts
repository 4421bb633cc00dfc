import { createServer } from "node:net";

/**
 * Below the range the kernel hands to outgoing connections (32768 and up on Linux): a server that is killed and
 * started again finds its port still free, because no client socket can have taken it meanwhile.
 */
const lowest = 20_000;
const highest = 32_000;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** A port on 127.0.0.1 that nothing listens on. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
};
