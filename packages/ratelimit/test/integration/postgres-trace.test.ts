import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { servicesSkipped } from "@dp/services";
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
import { startDatabase, type Database } from "./postgres-database.ts";

const steps = 2_000;
const subjects = ["ann", "bob", "cid", "dan"] as const;

/** Each algorithm in numbers that divide badly, and at the bounds of exact integers. */
const policies: Readonly<Record<string, LimitPolicy>> = {
  "a token bucket": tokenBucket({ limit: 7, per: "1s", burst: 5 }),
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

describe.skipIf(servicesSkipped)("a store in PostgreSQL", () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  it.each(Object.entries(policies))(
    "decides as memory does over a long trace: %s",
    async (_, policy) => {
      const random = seededRandom(43);
      const below = (bound: number): number => Math.floor(random() * bound);
      let nowUs = 1_000_000_000;
      const clock = new ManualClock();
      clock.now = () => nowUs / 1_000;
      clock.wallNow = () => 1_700_000_000_000 + nowUs / 1_000;
      const { store } = await database.create();
      const limiters = [memoryStore(), store].map((each) =>
        createLimiter({
          policies: { policy, watching: slidingLog({ limit: 3, per: "2s" }) },
          shadow: ["watching"],
          clock,
          onStoreError: "throw",
          store: each,
        }),
      );
      const { burst, periodMs } = policy;
      const reachUs = Math.min(periodMs * 1_000, (periodMs * 9_000) / burst);
      // All known from the start, because memory forgets when it learns.
      for (const subject of subjects)
        for (const limiter of limiters) await limiter.take(subject);

      let taken = 0;
      for (let step = 0; step < steps; step++) {
        const reach = random() < 0.01 ? periodMs * 5_000 : reachUs;
        const isBack = random() < 0.05;
        nowUs = Math.max(0, nowUs + (isBack ? -1 : 1) * below(reach));
        const subject = subjects[below(4)]!;
        const chance = random();
        const cost = random() < 0.7 ? 1 + below(3) : below(burst * 1.1);
        const [expected, actual] = await Promise.all(
          limiters.map(async (limiter) => {
            if (chance < 0.75) return await limiter.take(subject, cost);
            if (chance < 0.85) return await limiter.peek(subject, cost);
            if (chance < 0.92) return limiter.refund(subject, cost);
            if (chance < 0.99) return limiter.penalize(subject, cost);
            // Of several blocks memory forgets those that are over.
            return limiter.block("ann", chance < 0.992 ? 0 : 300);
          }),
        );
        expect(actual, `step ${step}`).toEqual(expected);
        if (actual?.allowed === true) taken++;
      }
      expect(taken).toBeGreaterThan(steps / 20);
      expect(taken).toBeLessThan((steps * 19) / 20);
    },
  );
});
