import assert from "node:assert/strict";
import { ManualClock } from "@dp/core/testing";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { createLimiter } from "../create-limiter.ts";
import type { Limiter } from "../limiter.ts";
import type { LimitStore } from "../stores/store.ts";
import {
  compareWithReference,
  policyOf,
  timeFrom,
} from "./compare-with-reference.ts";
import type { ReferenceKind } from "./reference-counts.ts";
import type { SuiteCase } from "./suite-case.ts";

const kinds: readonly ReferenceKind[] = [
  "token-bucket",
  "fixed-window",
  "utc-window",
  "sliding-window",
  "sliding-log",
];

/** A limiter of five a second and its time, which begins in the middle of a window. */
const fiveASecond = (kind: ReferenceKind, store: LimitStore) => {
  const time = { ms: 5500 };
  const only = policyOf({ kind, limit: 5, periodUs: 1_000_000 });
  const limiter: Limiter<"only"> = createLimiter({
    policies: { only },
    store,
    clock: timeFrom(() => time.ms),
  });
  return { limiter, time };
};

/** What a store has to get right for every algorithm. */
export const algorithmCases = (
  create: () => LimitStore | Promise<LimitStore>,
): readonly SuiteCase[] => [
  ...kinds.flatMap((kind) => casesOf(kind, create)),
  {
    name: "counts windows of UTC by the time of day, and all else by a clock that does not jump",
    run: async () => {
      const clock = new ManualClock();
      const limiter = createLimiter({
        policies: {
          hit: fixedWindow({ limit: 2, per: "1h" }),
          utc: fixedWindow({ limit: 2, per: "1h", align: "utc" }),
        },
        store: await create(),
        clock,
      });
      clock.jumpWall(30 * 60_000);
      await limiter.take("ann");
      clock.jumpWall(29 * 60_000);
      const { limits } = await limiter.take("ann");
      assert.equal(limits.hit.resetAfterMs, 60 * 60_000);
      assert.equal(limits.utc.resetAfterMs, 60_000);
      clock.jumpWall(60_000);
      const after = await limiter.peek("ann");
      assert.equal(after.limits.hit.remaining, 0);
      assert.equal(after.limits.utc.remaining, 2);
    },
  },
  {
    name: "answers like exact arithmetic on random traces over different algorithms",
    run: async () => {
      for (let seed = 11; seed <= 20; seed++) {
        const first = seed % kinds.length;
        const mixed = [...kinds.slice(first), ...kinds.slice(0, first)];
        await compareWithReference(await create(), seed, mixed);
      }
    },
  },
];

const casesOf = (
  kind: ReferenceKind,
  create: () => LimitStore | Promise<LimitStore>,
): readonly SuiteCase[] => [
  {
    name: `admits the limit at once and the next take after exactly the wait it gave, by a ${kind}`,
    run: async () => {
      const { limiter, time } = fiveASecond(kind, await create());
      for (let take = 0; take < 5; take++)
        assert((await limiter.take("ann")).allowed);
      const refusal = await limiter.take("ann", 3);
      assert(!refusal.allowed && refusal.retryAfterMs !== null);
      assert(refusal.retryAfterMs > 0);
      time.ms += refusal.retryAfterMs - 0.001;
      const early = await limiter.take("ann", 3);
      assert(!early.allowed);
      assert.equal(early.retryAfterMs, 0.001);
      time.ms += 0.001;
      assert((await limiter.take("ann", 3)).allowed);
    },
  },
  {
    name: `charges nothing for a refusal, a peek and a cost of 0, by a ${kind}`,
    run: async () => {
      const { limiter } = fiveASecond(kind, await create());
      assert((await limiter.take("ann", 2)).allowed);
      for (let turn = 0; turn < 10; turn++) {
        assert(!(await limiter.take("ann", 4)).allowed);
        assert(!(await limiter.take("ann", 6)).allowed);
        assert((await limiter.peek("ann", 3)).allowed);
        assert.equal((await limiter.take("ann", 0)).remaining, 3);
      }
      assert((await limiter.take("ann", 3)).allowed);
    },
  },
  {
    name: `is back to full when it says so, by a ${kind}`,
    run: async () => {
      const { limiter, time } = fiveASecond(kind, await create());
      const { resetAfterMs } = await limiter.take("ann", 3);
      time.ms += resetAfterMs - 0.001;
      assert(!(await limiter.peek("ann", 5)).allowed);
      time.ms += 0.001;
      assert((await limiter.take("ann", 5)).allowed);
    },
  },
  {
    name: `mints nothing when the clock goes back, by a ${kind}`,
    run: async () => {
      const { limiter, time } = fiveASecond(kind, await create());
      assert((await limiter.take("ann", 5)).allowed);
      for (const backMs of [1, 400, 700]) {
        time.ms = 5500 - backMs;
        assert(!(await limiter.take("ann")).allowed);
      }
      time.ms = 5500;
      assert(!(await limiter.take("ann")).allowed);
    },
  },
  {
    name: `forgives a time from a far future, by a ${kind}`,
    run: async () => {
      const { limiter, time } = fiveASecond(kind, await create());
      time.ms = 1e9;
      assert((await limiter.take("ann")).allowed);
      time.ms = 5500;
      const refusal = await limiter.take("ann");
      assert(!refusal.allowed && refusal.retryAfterMs !== null);
      time.ms += refusal.retryAfterMs;
      assert((await limiter.take("ann")).allowed);
      assert(time.ms <= 7500);
    },
  },
  {
    name: `answers like exact arithmetic on random traces, by a ${kind}`,
    run: async () => {
      const store = await create();
      for (let seed = 1; seed <= 5; seed++)
        await compareWithReference(store, seed, [kind]);
    },
  },
];
