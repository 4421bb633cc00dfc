import { once } from "node:events";
import { createServer } from "node:net";

// Below the kernel's range for outgoing connections (32768 and up), so that no connection of the
// load generator can sit on a port that a server is about to take.
const first = 20_000;
const last = 32_000;
let next = first + (process.pid % (last - first));

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};

/** A loopback port that nobody listens on and that this process has not handed out before. */
export const freePort = async (): Promise<number> => {
  for (let tried = first; tried < last; tried += 1) {
    const port = next;
    next = next + 1 === last ? first : next + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`every port from ${first} to ${last} is taken`);
};
