import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  freePort,
  requireBinary,
  servicesSkipped,
  startRedis,
  type Server,
} from "@dp/services";
import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, tokenBucket } from "../../src/index.ts";
import { redisStore, type RedisClient } from "../../src/redis/index.ts";
import { startCuttingProxy, type CuttingProxy } from "./cutting-proxy.ts";
import { startBound } from "./bound-process.ts";
import { eventually, isGiven } from "./redis-connections.ts";

interface SentinelConnection {
  readonly client: RedisClient;
  readonly isReady: () => boolean;
  readonly end: () => void;
}

const libraries: Readonly<
  Record<string, (port: number) => SentinelConnection>
> = {
  ioredis: (port) => {
    const client = new Redis({
      sentinels: [{ host: "127.0.0.1", port }],
      name: "main",
      retryStrategy: () => 5,
      sentinelRetryStrategy: () => 20,
    });
    client.on("error", () => undefined);
    const isReady = (): boolean => client.status === "ready";
    return { client, isReady, end: () => client.disconnect() };
  },
  "node-redis": (port) => {
    const client = createSentinel({
      name: "main",
      sentinelRootNodes: [{ host: "127.0.0.1", port }],
      nodeClientOptions: { socket: { reconnectStrategy: () => 5 } },
      passthroughClientErrorEvents: true,
    });
    client.on("error", () => undefined);
    client.connect().catch(() => undefined);
    return {
      client,
      isReady: () => client.isReady,
      end: () => void client.destroy(),
    };
  },
};

describe.skipIf(servicesSkipped || isGiven)(
  "a store in Redis that Sentinel watches",
  () => {
    let redis: Server;
    let proxy: CuttingProxy;
    let sentinelPort = 0;
    const ends: (() => unknown)[] = [];
    beforeAll(async () => {
      redis = await startRedis();
      proxy = await startCuttingProxy(redis.port);
      sentinelPort = await freePort();
      const folder = mkdtempSync(join(tmpdir(), "dp-sentinel-"));
      const file = join(folder, "sentinel.conf");
      const { port } = new URL(proxy.url);
      writeFileSync(
        file,
        [
          `port ${sentinelPort}`,
          "bind 127.0.0.1",
          `dir ${folder}`,
          `sentinel monitor main 127.0.0.1 ${port} 1`,
          "sentinel down-after-milliseconds main 60000",
          "",
        ].join("\n"),
      );
      const binary = await requireBinary("redis-server");
      ends.push(
        startBound(binary, [file, "--sentinel"]),
        () => proxy.close(),
        () => redis.stop(),
        () => rmSync(folder, { recursive: true }),
      );
    });
    afterAll(async () => {
      for (const end of ends) await end();
    });

    it.each(Object.entries(libraries))(
      "charges at most once for what was carried out and whose answer got lost: %s",
      async (library, connect) => {
        const connection = connect(sentinelPort);
        await eventually("a connection", connection.isReady);
        const store = redisStore(connection.client, {
          prefix: `sentinel-${library}`,
          timeout: "20s",
        });
        const limiter = createLimiter({
          policies: { perYear: tokenBucket({ limit: 100, per: "365d" }) },
          store,
          onStoreError: "throw",
        });
        expect((await limiter.take("ann")).remaining).toBe(99);
        for (let loss = 1; loss <= 3; loss++) {
          proxy.mode = "cut";
          const outcome = await limiter.take("ann").catch(() => "failed");
          expect(outcome).toBe("failed");
          await expect
            .poll(() => limiter.peek("ann").catch(() => undefined), {
              timeout: 20_000,
            })
            .toMatchObject({ remaining: 99 - loss });
        }
        store.close();
        connection.end();
      },
    );
  },
);
