import { requireBinary } from "./binaries.ts";
import { exchange } from "./exchange.ts";
import { givenServer } from "./given-server.ts";
import { type Server, startServer } from "./server.ts";

/** A Redis that keeps acknowledged writes when its process is killed. `DP_REDIS_URL` names one to use instead. */
export const startRedis = async (): Promise<Server> =>
  givenServer("DP_REDIS_URL") ??
  startServer({
    name: "redis",
    binary: await requireBinary("redis-server"),
    commandLine: (port, folder) => [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      // The append-only file is written before each reply; no snapshots beside it.
      ...["--appendonly", "yes", "--save", ""],
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
    answers: (port) =>
      exchange(port, "PING\r\n", (reply) =>
        reply.toString().startsWith("+PONG"),
      ),
  });
