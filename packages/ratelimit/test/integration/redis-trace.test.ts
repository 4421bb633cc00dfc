import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLimiter,
  fixedWindow,
  memoryStore,
  slidingLog,
  slidingWindow,
  tokenBucket,
  type LimitPolicy,
} from "../../src/index.ts";
import { redisStore } from "../../src/redis/index.ts";
import { connected, type Connection } from "./redis-connections.ts";

const steps = 10_000;
const subjects = ["ann", "bob", "cid", "dan"];

/** Each algorithm in numbers that divide badly, and at the bounds of exact integers. */
const policies: Readonly<Record<string, LimitPolicy>> = {
  "a token bucket": tokenBucket({ limit: 7, per: "1s", burst: 5 }),
  "a fast token bucket": tokenBucket({ limit: 700_001, per: "1s", burst: 9 }),
  "a vast token bucket": tokenBucket({
    limit: 97_000_003,
    per: "90s",
    burst: 97_000_003,
  }),
  "a token bucket in milliseconds": tokenBucket({
    limit: 10_400_003,
    per: "10d",
  }),
  "a fixed window": fixedWindow({ limit: 7, per: "1s" }),
  "a fixed window by the calendar": fixedWindow({
    limit: 7,
    per: "1s",
    align: "utc",
  }),
  "a sliding window": slidingWindow({ limit: 7, per: "1s" }),
  "a vast sliding window": slidingWindow({ limit: 97_000_003, per: "90s" }),
  "a sliding log": slidingLog({ limit: 7, per: "1s" }),
};

describe.skipIf(servicesSkipped)("a store in Redis", () => {
  let redis: Server;
  let connection: Connection;
  beforeAll(async () => {
    redis = await startRedis();
    connection = await connected("ioredis", redis.url);
  });
  afterAll(async () => {
    connection.end();
    await redis.stop();
  });

  it.each(Object.entries(policies))(
    "decides as memory does over a long trace: %s",
    async (name, policy) => {
      const random = seededRandom(41);
      const below = (bound: number): number => Math.floor(random() * bound);
      let nowUs = 1_000_000_000;
      const clock = new ManualClock();
      clock.now = () => nowUs / 1_000;
      clock.wallNow = () => 1_700_000_000_000 + nowUs / 1_000;
      const store = redisStore(connection.client, {
        prefix: `trace-${process.pid}-${name}`,
        timeout: "20s",
      });
      const watching = slidingLog({ limit: 3, per: "2s" });
      const of = (where: object) =>
        createLimiter({
          policies: { policy, watching },
          shadow: ["watching"],
          clock,
          onStoreError: "throw",
          ...where,
        });
      const [inMemory, inRedis] = [of({ store: memoryStore() }), of({ store })];
      const { burst, periodMs } = policy;
      const reachUs = Math.min(periodMs * 1_000, (periodMs * 9_000) / burst);
      const costOf = (): number =>
        random() < 0.7 ? 1 + below(3) : below(burst * 1.1);
      // All known from the start, because memory forgets when it learns.
      for (const subject of subjects)
        for (const limiter of [inMemory, inRedis]) await limiter.take(subject);

      let taken = 0;
      for (let step = 0; step < steps;) {
        const answers: Promise<unknown>[][] = [];
        for (let left = 1 + below(150); left > 0; left--, step++) {
          const isFar = random() < 0.01;
          const reach = isFar ? periodMs * 5_000 : reachUs;
          const isBack = random() < 0.05;
          nowUs = Math.max(0, nowUs + (isBack ? -1 : 1) * below(reach));
          const subject = subjects[below(4)]!;
          const chance = random();
          const cost = costOf();
          answers.push(
            [inMemory, inRedis].map((limiter) => {
              if (chance < 0.75) return limiter.take(subject, cost);
              if (chance < 0.85) return limiter.peek(subject, cost);
              if (chance < 0.92) return limiter.refund(subject, cost);
              if (chance < 0.99) return limiter.penalize(subject, cost);
              return limiter.block(subject, chance < 0.992 ? 0 : 300);
            }),
          );
        }
        for (const [index, [expected, answer]] of answers.entries()) {
          const decision = await answer;
          expect(decision, `${index} of those up to step ${step}`).toEqual(
            await expected,
          );
          if ((decision as { allowed?: boolean } | undefined)?.allowed) taken++;
        }
      }
      expect(taken).toBeGreaterThan(steps / 20);
      expect(taken).toBeLessThan((steps * 19) / 20);
      store.close();
    },
  );
});
