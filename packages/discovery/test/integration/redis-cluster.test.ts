import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, requireBinary, waitUntil } from "@dp/services";
import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WatchEvent } from "../../src/index.ts";
import {
  redisRegistry,
  type RedisClient,
} from "../../src/registries/redis/index.ts";
import { eventually, freshPrefix, isSkipped } from "./redis-scene.ts";

const libraries: Readonly<
  Record<string, (port: number) => { client: RedisClient; end: () => void }>
> = {
  ioredis: (port) => {
    const client = new Cluster([{ host: "127.0.0.1", port }]);
    client.on("error", () => undefined);
    return { client, end: () => client.disconnect() };
  },
  "node-redis": (port) => {
    const client = createCluster({
      rootNodes: [{ url: `redis://127.0.0.1:${port}` }],
    });
    client.on("error", () => undefined);
    client.connect().catch(() => undefined);
    return { client, end: () => client.destroy() };
  },
};

/** Ends the server when its input does, which is when this process ends at the latest. */
const bound = '"$@" >/dev/null & read line; kill $!; wait';

// One node with all slots refuses keys of several slots in one script like any other cluster.
describe.skipIf(isSkipped)("a registry in a cluster of Redis", () => {
  const folder = mkdtempSync(join(tmpdir(), "dp-redis-cluster-"));
  let port = 0;
  let server: ChildProcess;
  beforeAll(async () => {
    const binary = await requireBinary("redis-server");
    port = await freePort();
    const words = [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--cluster-enabled", "yes"],
      // It would not know its own address without others.
      ...["--cluster-announce-ip", "127.0.0.1"],
    ];
    server = spawn("/bin/sh", ["-c", bound, "sh", binary, ...words], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    const admin = new Redis(port, "127.0.0.1", { retryStrategy: () => 20 });
    admin.on("error", () => undefined);
    await admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await waitUntil("a cluster", 20_000, async () =>
      (await admin.cluster("INFO")).includes("cluster_state:ok"),
    );
    admin.disconnect();
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.stdin?.end();
    await ended;
    rmSync(folder, { recursive: true });
  });

  it.each(Object.keys(libraries))(
    "keeps each service in one slot with %s",
    async (library) => {
      const { client, end } = libraries[library]!(port);
      const registry = redisRegistry(client, { prefix: freshPrefix() });
      const events: WatchEvent<unknown>[] = [];
      try {
        void (async () => {
          for await (const event of registry.watch("web")) events.push(event);
        })();
        await eventually("a first event", () => events.length > 0);
        const spec = { host: "10.0.0.1", port: 8080 };
        const a = await registry.register({ ...spec, service: "web" });
        await registry.register({ ...spec, service: "m{a}il" });
        await a.update({ weight: 2 });
        expect(await registry.list("web")).toEqual([a.instance]);
        expect(await registry.services()).toEqual(["m{a}il", "web"]);
        await a.close();
        await eventually("every change", () => events.length === 4);
        expect(events.map(({ type }) => type)).toEqual([
          ...["sync", "delta", "delta", "delta"],
        ]);
      } finally {
        await registry[Symbol.asyncDispose]();
        end();
      }
    },
  );
});
