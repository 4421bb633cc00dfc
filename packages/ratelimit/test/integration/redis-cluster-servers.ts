import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, requireBinary, waitUntil } from "@dp/services";
import { Redis } from "ioredis";
import { startBound } from "./bound-process.ts";

/** Three masters that share the slots. */
export interface ClusterServers {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

const slots = 16_384;

const wordsOf = (port: number, folder: string): readonly string[] => [
  ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
  ...["--save", "", "--cluster-enabled", "yes"],
  ...["--cluster-node-timeout", "20000"],
];

/** Starts three servers and makes them a cluster. */
export const startCluster = async (): Promise<ClusterServers> => {
  const binary = await requireBinary("redis-server");
  const folders: string[] = [];
  const ends: (() => Promise<void>)[] = [];
  const ports: number[] = [];
  for (let node = 0; node < 3; node++) {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "dp-redis-cluster-"));
    folders.push(folder);
    ends.push(startBound(binary, wordsOf(port, folder)));
    ports.push(port);
  }
  const admins = ports.map((port) => {
    const admin = new Redis(port, "127.0.0.1", { retryStrategy: () => 20 });
    return admin.on("error", () => undefined);
  });
  for (const [node, admin] of admins.entries()) {
    const from = Math.ceil((slots * node) / 3);
    const to = Math.ceil((slots * (node + 1)) / 3);
    const own = Array.from({ length: to - from }, (_, index) => from + index);
    await admin.cluster("ADDSLOTS", ...own);
    if (node > 0) await admin.cluster("MEET", "127.0.0.1", ports[0]!);
  }
  await waitUntil("a cluster", 60_000, async () => {
    const states = await Promise.all(
      admins.map((admin) => admin.cluster("INFO")),
    );
    return states.every(
      (state) =>
        state.includes("cluster_state:ok") &&
        state.includes("cluster_known_nodes:3"),
    );
  });
  for (const admin of admins) admin.disconnect();
  const stop = async (): Promise<void> => {
    await Promise.all(ends.map((end) => end()));
    for (const folder of folders) rmSync(folder, { recursive: true });
  };
  return { ports, stop };
};
