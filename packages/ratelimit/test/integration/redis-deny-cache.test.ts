import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLimiter,
  memoryStore,
  slidingLog,
  slidingWindow,
  tokenBucket,
} from "../../src/index.ts";
import {
  redisStore,
  type NodeRedisScripts,
  type RedisStoreOptions,
} from "../../src/redis/index.ts";

let stores = 0;

describe.skipIf(servicesSkipped)("a cache of refusals", () => {
  let redis: Server;
  let connected: ReturnType<typeof createClient>;
  beforeAll(async () => {
    redis = await startRedis();
    connected = createClient({ url: redis.url });
    await connected.connect();
  });
  afterAll(async () => {
    connected.destroy();
    await redis.stop();
  });

  const make = (options: RedisStoreOptions = {}) => {
    const count = { calls: 0 };
    const counting: NodeRedisScripts = {
      isReady: true,
      evalSha: (sha, input) => {
        count.calls++;
        return connected.evalSha(sha, input);
      },
      eval: (script, input) => connected.eval(script, input),
      on: () => undefined,
      off: () => undefined,
    };
    const clock = new ManualClock();
    const store = redisStore(counting, {
      prefix: `deny-${process.pid}-${stores++}`,
      timeout: "20s",
      denyCache: true,
      ...options,
    });
    const limiter = createLimiter({
      policies: {
        perSecond: tokenBucket({ limit: 5, per: "1s" }),
        watching: tokenBucket({ limit: 1, per: "1h" }),
      },
      shadow: ["watching"],
      store,
      clock,
      onStoreError: "throw",
    });
    const asks = async (act: () => Promise<unknown>): Promise<number> => {
      const before = count.calls;
      await act();
      return count.calls - before;
    };
    return { clock, store, limiter, asks };
  };

  it("spares Redis the repetition of a refusal until it may end, and tells the time that is left", async () => {
    const { clock, limiter, asks } = make();
    await limiter.take("ann", 5);
    expect(await asks(() => limiter.take("ann", 2))).toBe(1);
    for (const [passedMs, left] of [
      [0, 400],
      [100, 300],
      [299, 1],
    ] as const) {
      await clock.advance(passedMs);
      const decisions: unknown[] = [];
      const asked = await asks(async () =>
        decisions.push(await limiter.take("ann", 2)),
      );
      expect(asked).toBe(0);
      expect(decisions).toMatchObject([
        { allowed: false, reason: "limit", retryAfterMs: left },
      ]);
    }
    // More costs more time, less may be allowed, and others are others.
    expect(await asks(() => limiter.take("ann", 3))).toBe(0);
    expect(await asks(() => limiter.take("ann", 1))).toBe(1);
    expect(await asks(() => limiter.take("bob", 2))).toBe(1);
  });

  it("asks again once the refusal may have ended", async () => {
    const { clock, limiter, asks } = make();
    await limiter.take("ann", 5);
    await limiter.take("ann");
    await clock.advance(200);
    expect(await asks(() => limiter.take("ann"))).toBe(1);
    expect(await asks(() => limiter.take("ann"))).toBe(1);
    expect(await asks(() => limiter.take("ann"))).toBe(0);
  });

  it("ends with what this process gives back, resets or blocks, and does not answer a peek", async () => {
    const { limiter, asks } = make();
    const refuse = async (): Promise<void> => {
      await limiter.take("ann", 5);
      await limiter.take("ann", 5);
      expect(await asks(() => limiter.take("ann", 5))).toBe(0);
    };
    await refuse();
    await limiter.refund("ann", 5);
    expect((await limiter.take("ann", 5)).allowed).toBe(true);
    await refuse();
    await limiter.reset("ann");
    expect((await limiter.take("ann", 5)).allowed).toBe(true);
    await refuse();
    await limiter.block("ann", "1m");
    expect(await limiter.take("ann", 5)).toMatchObject({ reason: "blocked" });
    expect(await asks(() => limiter.take("ann", 1))).toBe(1);
    expect(await limiter.take("ann", 1)).toMatchObject({
      reason: "blocked",
      retryAfterMs: 60_000,
    });
    expect(await asks(() => limiter.peek("ann", 5))).toBe(1);
    await limiter.block("ann", 0);
    expect(await limiter.take("ann", 5)).toMatchObject({ reason: "limit" });
  });

  it("does not keep what was refused before something was given back", async () => {
    const { limiter } = make({ batch: false });
    await limiter.take("ann", 5);
    const refused = limiter.take("ann", 5);
    const refunded = limiter.refund("ann", 5);
    expect((await refused).allowed).toBe(false);
    await refunded;
    expect((await limiter.take("ann", 5)).allowed).toBe(true);
  });

  it("asks each time for what can never be allowed", async () => {
    const { limiter, asks } = make();
    await limiter.take("ann", 6);
    expect(await asks(() => limiter.take("ann", 6))).toBe(1);
  });

  it("changes no decision of a process that is alone", async () => {
    const { clock, store } = make();
    const random = seededRandom(7);
    const below = (bound: number): number => Math.floor(random() * bound);
    const of = (where: object) =>
      createLimiter({
        policies: {
          bucket: tokenBucket({ limit: 3, per: "1s" }),
          window: slidingWindow({ limit: 5, per: "2s" }),
          log: slidingLog({ limit: 9, per: "5s" }),
        },
        clock,
        onStoreError: "throw",
        ...where,
      });
    const [expected, cached] = [of({ store: memoryStore() }), of({ store })];
    for (let step = 0; step < 3_000; step++) {
      await clock.advance(below(random() < 0.1 ? 2_000 : 300));
      const subject = (): string => `subject ${below(2)}`;
      const keys = { bucket: subject(), window: subject(), log: subject() };
      const cost = 1 + below(4);
      const chance = random();
      const [one, other] = await Promise.all(
        [expected, cached].map(async (limiter) => {
          if (chance > 0.03) return await limiter.allow(keys, cost);
          if (chance > 0.01) await limiter.refund(keys, cost);
          else await limiter.block(keys, chance > 0.005 ? 500 : 0);
          return undefined;
        }),
      );
      expect(other, `step ${step}`).toBe(one);
    }
  });
});
