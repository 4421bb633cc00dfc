import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, tokenBucket, type Decision } from "../../src/index.ts";
import { redisStore, type RedisStoreOptions } from "../../src/redis/index.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import {
  connected,
  eventually,
  isGiven,
  libraries,
} from "./redis-connections.ts";

const limit = 1_000;
const perYear = tokenBucket({ limit, per: "365d" });
const taker = fileURLToPath(new URL("redis-taker.ts", import.meta.url));

let stores = 0;
const freshPrefix = (): string => `failures-${process.pid}-${stores++}`;

describe.skipIf(servicesSkipped).each(Object.keys(libraries))(
  "a store in Redis with %s",
  (library) => {
    let redis: Server;
    const cleanUps: (() => unknown)[] = [];
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0)) await cleanUp();
      if (!isGiven && redis.pid === undefined) await redis.restart();
    });
    afterAll(() => redis.stop());

    const connect = async (url = redis.url) => {
      const connection = await connected(library, url);
      cleanUps.push(connection.end);
      return connection;
    };
    const limiterOn = async (
      url: string,
      onStoreError: "open" | "closed" | "local" | "throw",
      options: RedisStoreOptions = {},
    ) => {
      const connection = await connect(url);
      const store = redisStore(connection.client, {
        prefix: freshPrefix(),
        timeout: "20s",
        ...options,
      });
      cleanUps.push(() => store.close());
      const policies = { perYear };
      return createLimiter({ policies, store, onStoreError });
    };

    it("counts right while Redis forgets its scripts", async () => {
      const admin = await connect();
      const limiter = await limiterOn(redis.url, "throw", { batch: false });
      let admitted = 0;
      for (let round = 0; round < 40; round++) {
        const takes = Array.from({ length: 50 }, (_, index) => {
          if (index === 25 && round % 5 === 0)
            void admin.command("SCRIPT", "FLUSH");
          return limiter.allow("ann");
        });
        admitted += (await Promise.all(takes)).filter(Boolean).length;
      }
      expect(admitted).toBe(limit);
    });

    it("charges at most once for what was carried out and whose answer got lost", async () => {
      const proxy = await startCuttingProxy(redis.port);
      cleanUps.push(() => proxy.close());
      const prefix = freshPrefix();
      const limiter = await limiterOn(proxy.url, "throw", { prefix });
      const direct = await limiterOn(redis.url, "throw", { prefix });
      expect((await limiter.take("ann")).remaining).toBe(limit - 1);
      for (let loss = 1; loss <= 5; loss++) {
        proxy.mode = "cut";
        await expect(limiter.take("ann")).rejects.toMatchObject({
          code: "DP_RATELIMIT_STORE",
        });
        expect(proxy.lost).toBe(loss);
        // Whatever the client sends again is before this in its queue.
        await expect
          .poll(() => limiter.peek("ann").catch(() => undefined), {
            timeout: 20_000,
          })
          .toMatchObject({ remaining: limit - 1 - loss });
        expect((await direct.peek("ann")).remaining).toBe(limit - 1 - loss);
      }
    });

    it("gives up in its time, and never carries out later what it gave up", async () => {
      const proxy = await startCuttingProxy(redis.port);
      cleanUps.push(() => proxy.close());
      const prefix = freshPrefix();
      const limiter = await limiterOn(proxy.url, "local", {
        prefix,
        timeout: 50,
      });
      const direct = await limiterOn(redis.url, "throw", { prefix });
      // So that Redis knows the script.
      await direct.peek("ann");
      proxy.mode = "hold";
      const takes = Array.from({ length: 30 }, () => limiter.take("ann"));
      for (const decision of await Promise.all(takes))
        expect(decision).toMatchObject({ allowed: true, source: "local" });
      expect((await direct.peek("ann")).remaining).toBe(limit - 30);
      // They had reached Redis: charged once, and known to nobody. Nothing comes again with the next connection.
      proxy.mode = "cut";
      await limiter.take("ann");
      await expect
        .poll(async () => limiter.peek("ann"), { timeout: 20_000 })
        .toMatchObject({ remaining: limit - 31, source: "store" });
      expect((await direct.peek("ann")).remaining).toBe(limit - 31);
    });

    it.skipIf(isGiven).each(["open", "closed", "local", "throw"] as const)(
      "answers as `%s` says while Redis is down, and is back by itself",
      async (mode) => {
        const limiter = await limiterOn(redis.url, mode, { timeout: "5s" });
        let going = true;
        let last: Decision<"perYear"> | Error | undefined;
        let count = 0;
        const traffic = async (): Promise<void> => {
          while (going) {
            last = await limiter
              // Always another, so that no limit is ever reached.
              .take(`subject ${count++}`)
              .catch((error: unknown) => error as Error);
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        const streams = [traffic(), traffic(), traffic()];
        const sees = (expected: object): Promise<void> =>
          eventually(JSON.stringify(expected), () =>
            Object.entries(expected).every(
              ([name, value]) => last?.[name as keyof typeof last] === value,
            ),
          );
        const fromStore = { allowed: true, source: "store" };
        const without = {
          open: { allowed: true, source: "open" },
          closed: { allowed: false, reason: "store" },
          local: { allowed: true, source: "local" },
          throw: { code: "DP_RATELIMIT_STORE" },
        }[mode];
        await sees(fromStore);
        await redis.kill();
        await sees(without);
        await redis.restart();
        await sees(fromStore);
        going = false;
        await Promise.all(streams);
      },
    );

    it.skipIf(isGiven)(
      "sends nothing, and fails at once, while the client is not connected",
      async () => {
        const limiter = await limiterOn(redis.url, "throw");
        await limiter.take("ann");
        const connection = await connect();
        await redis.kill();
        await eventually("the loss", () => !connection.isReady());
        for (let take = 0; take < 20; take++)
          await expect(limiter.take("ann")).rejects.toMatchObject({
            code: "DP_RATELIMIT_STORE",
          });
        await redis.restart();
        await expect
          .poll(() => limiter.peek("ann").catch(() => undefined), {
            timeout: 20_000,
          })
          .toMatchObject({ remaining: limit - 1 });
      },
    );

    it("fails everything once it is closed, and leaves the client open", async () => {
      const connection = await connect();
      const store = redisStore(connection.client, { prefix: freshPrefix() });
      const policies = { perYear };
      const limiter = createLimiter({ policies, store, onStoreError: "throw" });
      await limiter.take("ann");
      const late = limiter.take("ann");
      store.close();
      store.close();
      await expect(late).rejects.toThrow("closed");
      await expect(limiter.take("ann")).rejects.toThrow("the store is closed");
      await expect(connection.command("PING")).resolves.toBe("PONG");
    });
  },
);

describe.skipIf(servicesSkipped)("processes that share a store", () => {
  let redis: Server;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("admit exactly the limit together", async () => {
    const words = [redis.url, freshPrefix(), "2000"];
    const takers = Array.from({ length: 4 }, () =>
      promisify(execFile)(
        process.execPath,
        ["--conditions=@dp/source", taker, ...words],
        { timeout: 60_000 },
      ),
    );
    const counts = (await Promise.all(takers)).map(({ stdout }) =>
      Number(stdout),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2000);
  });
});
