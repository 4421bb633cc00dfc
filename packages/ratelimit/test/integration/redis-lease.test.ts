import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, tokenBucket } from "../../src/index.ts";
import { redisStore, type RedisStoreOptions } from "../../src/redis/index.ts";
import { storeSuite } from "../../src/testing/index.ts";
import { connected, libraries, type Connection } from "./redis-connections.ts";

const taker = fileURLToPath(new URL("redis-taker.ts", import.meta.url));
let stores = 0;
const freshPrefix = (): string => `lease-${process.pid}-${stores++}`;

describe.skipIf(servicesSkipped).each(Object.keys(libraries))(
  "leases from Redis with %s",
  (library) => {
    let redis: Server;
    let connection: Connection;
    const create = (options: RedisStoreOptions = {}) =>
      redisStore(connection.client, {
        prefix: freshPrefix(),
        timeout: "20s",
        lease: 50,
        ...options,
      });
    const calls = async (): Promise<number> => {
      const stats = String(await connection.command("INFO", "commandstats"));
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    beforeAll(async () => {
      redis = await startRedis();
      connection = await connected(library, redis.url);
    });
    afterAll(async () => {
      connection.end();
      await redis.stop();
    });

    // Too small for a lease to be taken: a store with leases keeps every law of one without.
    for (const { name, run } of storeSuite(() => create({ lease: 1 })))
      it(name, run);

    it("cost a small part of the commands, and let through no more than the limit and the leases", async () => {
      const prefix = freshPrefix();
      const sharing = Array.from({ length: 4 }, () => create({ prefix }));
      const limiters = sharing.map((store) =>
        createLimiter({
          policies: { perYear: tokenBucket({ limit: 4_000, per: "365d" }) },
          store,
          onStoreError: "throw",
        }),
      );
      const before = await calls();
      let decided = 0;
      const use = async (index: number): Promise<number> => {
        let admitted = 0;
        for (let refusals = 0; refusals < 3; decided++)
          if (await limiters[index]!.allow("ann")) admitted++;
          else refusals++;
        return admitted;
      };
      const counts = await Promise.all([0, 1, 2, 3].map(use));
      const admitted = counts.reduce((sum, count) => sum + count, 0);
      expect(admitted).toBeLessThanOrEqual(4_000 + 4 * 50);
      expect(admitted).toBeGreaterThan(4_000 - 4 * 50);
      expect(((await calls()) - before) / decided).toBeLessThan(0.1);
      for (const store of sharing) store.close();
    });

    it("are given back when the store is closed", async () => {
      const prefix = freshPrefix();
      const policies = { perYear: tokenBucket({ limit: 1_000, per: "365d" }) };
      const store = create({ prefix });
      const limiter = createLimiter({ policies, store, onStoreError: "throw" });
      const watcher = createLimiter({
        policies,
        store: create({ prefix, lease: 0 }),
        onStoreError: "throw",
      });
      for (let take = 0; take < 3; take++) await limiter.take("ann");
      expect((await watcher.peek("ann")).remaining).toBe(1_000 - 52);
      store.close();
      await expect(limiter.take("ann")).rejects.toMatchObject({
        code: "DP_RATELIMIT_STORE",
      });
      expect((await watcher.peek("ann")).remaining).toBe(1_000 - 3);
    });
  },
);

describe.skipIf(servicesSkipped)("processes with leases from Redis", () => {
  let redis: Server;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("admit no more than the limit and their leases together", async () => {
    const words = [redis.url, freshPrefix(), "4000", "50"];
    const takers = Array.from({ length: 4 }, () =>
      promisify(execFile)(
        process.execPath,
        ["--conditions=@dp/source", taker, ...words],
        { timeout: 60_000 },
      ),
    );
    let admitted = 0;
    for (const { stdout } of await Promise.all(takers))
      admitted += Number(stdout);
    expect(admitted).toBeLessThanOrEqual(4_000 + 4 * 50);
    expect(admitted).toBeGreaterThan(4_000 - 4 * 50);
  });
});
