import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { expect } from "vitest";
import {
  createLimiter,
  fixedWindow,
  memoryStore,
  slidingLog,
  slidingWindow,
  tokenBucket,
  type LimitPolicy,
  type LimitStore,
} from "../../src/index.ts";

/** Each algorithm in numbers that divide badly, and at the bounds of exact integers. */
export const hardPolicies: Readonly<Record<string, LimitPolicy>> = {
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

const subjects = ["ann", "bob", "cid", "dan"] as const;

/** How a trace is played. */
export interface TraceOptions {
  readonly steps: number;
  /** The most that is asked for before anything is awaited. */
  readonly atOnce: number;
}

/** Plays one and the same random trace in memory and in a store, and expects the same of every step. */
export const playTrace = async (
  policy: LimitPolicy,
  store: LimitStore,
  { steps, atOnce }: TraceOptions,
): Promise<void> => {
  const random = seededRandom(41);
  const grouping = seededRandom(42);
  const below = (bound: number): number => Math.floor(random() * bound);
  let nowUs = 1_000_000_000;
  const clock = new ManualClock();
  clock.now = () => nowUs / 1_000;
  clock.wallNow = () => 1_700_000_000_000 + nowUs / 1_000;
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
  let blockedUntilUs = 0;
  for (let step = 0; step < steps;) {
    const pending: Promise<unknown>[][] = [];
    const last = Math.min(steps, step + 1 + Math.floor(grouping() * atOnce));
    for (; step < last; step++) {
      const reach = random() < 0.01 ? periodMs * 5_000 : reachUs;
      const isBack = random() < 0.05;
      // A block that is over is forgotten, by one store sooner than by another.
      const leastUs = nowUs < blockedUntilUs ? 0 : blockedUntilUs;
      nowUs = Math.max(leastUs, nowUs + (isBack ? -1 : 1) * below(reach));
      const subject = subjects[below(4)]!;
      const chance = random();
      const cost = random() < 0.7 ? 1 + below(3) : below(burst * 1.1);
      const isBlock = chance >= 0.99;
      const blockMs = chance < 0.992 ? 0 : 300;
      if (isBlock) blockedUntilUs = nowUs + blockMs * 1_000;
      pending.push(
        limiters.map((limiter) => {
          if (chance < 0.75) return limiter.take(subject, cost);
          if (chance < 0.85) return limiter.peek(subject, cost);
          if (chance < 0.92) return limiter.refund(subject, cost);
          return isBlock
            ? limiter.block("ann", blockMs)
            : limiter.penalize(subject, cost);
        }),
      );
    }
    for (const [index, both] of pending.entries()) {
      const [expected, actual] = await Promise.all(both);
      expect(actual, `${index} of those up to step ${step}`).toEqual(expected);
      if ((actual as { allowed?: boolean } | undefined)?.allowed) taken++;
    }
  }
  expect(taken).toBeGreaterThan(steps / 20);
  expect(taken).toBeLessThan((steps * 19) / 20);
};
