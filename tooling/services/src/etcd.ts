import { requireBinary } from "./binaries.ts";
import { givenServer } from "./given-server.ts";
import { freePort } from "./port.ts";
import { type Server, startServer } from "./server.ts";

const isHealthy = async (port: number): Promise<boolean> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(1_000),
    });
    const body = (await response.json()) as { readonly health?: unknown };
    return String(body.health) === "true";
  } catch {
    return false;
  }
};

/** A single-node etcd (3.4 on Debian 12). `DP_ETCD_URL` names one to use instead. */
export const startEtcd = async (): Promise<Server> => {
  const given = givenServer("DP_ETCD_URL");
  if (given !== undefined) return given;
  const binary = await requireBinary("etcd");
  const peer = `http://127.0.0.1:${await freePort()}`;
  return startServer({
    name: "etcd",
    binary,
    // It writes through to the disk with each put.
    keepsDataInMemory: true,
    commandLine: (port, folder) => {
      const client = `http://127.0.0.1:${port}`;
      return [
        ...["--name", "dp", "--data-dir", `${folder}/data`],
        ...["--listen-client-urls", client, "--advertise-client-urls", client],
        ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
        ...["--initial-cluster", `dp=${peer}`],
        ...["--logger", "zap", "--log-level", "error"],
      ];
    },
    url: (port) => `http://127.0.0.1:${port}`,
    answers: isHealthy,
  });
};
