import assert from "node:assert/strict";
import { ManualClock } from "@dp/core/testing";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import type { Decision } from "../decision.ts";
import type { LimitStore } from "../stores/store.ts";
import { algorithmCases } from "./algorithm-cases.ts";
import { timeFrom } from "./compare-with-reference.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Gives an empty store with room for at least 1,000 subjects. */
export type StoreFactory = () => LimitStore | Promise<LimitStore>;

const refusedFor = <P extends string>(
  decision: Decision<P>,
): number | null | undefined =>
  decision.allowed ? undefined : decision.retryAfterMs;

/**
 * The laws every store keeps, for any test runner:
 * `for (const { name, run } of storeSuite(() => myStore())) it(name, run)`.
 *
 * Time is passed in by a clock. Each check asks `create` for a store of its own and uses prefixes of its own; needs no
 * network beyond what the store needs.
 */
export const storeSuite = (create: StoreFactory): readonly SuiteCase[] => {
  const perSecond = tokenBucket({ limit: 5, per: "1s" });
  const perMinute = tokenBucket({ limit: 6, per: "1m" });
  const check = (
    name: string,
    run: (store: LimitStore, clock: ManualClock) => Promise<void>,
  ): SuiteCase => ({
    name,
    run: async () => {
      await run(await create(), new ManualClock());
    },
  });
  return [
    check(
      "admits the burst, then one at every emission interval",
      async (store, clock) => {
        const limiter = createLimiter({
          policies: { perSecond },
          store,
          clock,
        });
        for (let take = 0; take < 5; take++)
          assert((await limiter.take("ann")).allowed);
        assert.equal(refusedFor(await limiter.take("ann")), 200);
        await clock.advance(199);
        assert.equal(refusedFor(await limiter.take("ann")), 1);
        await clock.advance(1);
        assert((await limiter.take("ann")).allowed);
        assert.equal(refusedFor(await limiter.take("ann")), 200);
      },
    ),
    check(
      "keeps subjects apart, whatever characters they hold",
      async (store, clock) => {
        const limiter = createLimiter({
          policies: { perSecond },
          store,
          clock,
        });
        const subjects = [
          "",
          " ",
          "a",
          "a b",
          "a:b",
          "{a}",
          "*",
          "é",
          "\ud800",
          "__proto__",
          "x".repeat(2000),
        ];
        for (const subject of subjects) {
          assert((await limiter.take(subject, 5)).allowed, subject);
          assert(!(await limiter.take(subject)).allowed, subject);
        }
      },
    ),
    check("charges no policy when one refuses", async (store, clock) => {
      const limiter = createLimiter({
        policies: { perSecond, perMinute },
        store,
        clock,
      });
      const keys = { perSecond: "address", perMinute: "user" };
      assert((await limiter.take(keys, 5)).allowed);
      await clock.advance(1000);
      const refusal = await limiter.take(keys, 2);
      assert(!refusal.allowed);
      assert.deepEqual(refusal.violated, ["perMinute"]);
      assert.equal(refusal.limits.perSecond.remaining, 5);
      assert.equal((await limiter.peek(keys)).limits.perMinute.remaining, 1);
    }),
    check(
      "charges a policy in shadow without letting it refuse",
      async (store, clock) => {
        const limiter = createLimiter({
          policies: { perSecond, perMinute },
          store,
          clock,
          shadow: ["perSecond"],
        });
        assert((await limiter.take("ann", 5)).allowed);
        const decision = await limiter.take("ann");
        assert(decision.allowed);
        assert.equal(decision.limits.perSecond.remaining, 0);
        assert.equal(decision.limits.perMinute.remaining, 0);
        const refusal = await limiter.take("ann");
        assert(!refusal.allowed);
        assert.deepEqual(refusal.violated, ["perMinute"]);
      },
    ),
    check(
      "charges nothing for a peek and for a cost of 0",
      async (store, clock) => {
        const limiter = createLimiter({
          policies: { perSecond },
          store,
          clock,
        });
        const look = async (remaining: number): Promise<void> => {
          for (let take = 0; take < 10; take++) {
            const peek = await limiter.peek("ann", remaining);
            assert(peek.allowed);
            assert.equal(peek.remaining, remaining);
            assert.equal((await limiter.take("ann", 0)).remaining, remaining);
          }
        };
        await look(5);
        assert((await limiter.take("ann", 2)).allowed);
        await look(3);
      },
    ),
    check(
      "never allows a cost above the burst, and charges nothing for it",
      async (store, clock) => {
        const limiter = createLimiter({
          policies: { perSecond },
          store,
          clock,
        });
        const refusal = await limiter.take("ann", 6);
        assert.equal(refusedFor(refusal), null);
        assert.equal(refusal.remaining, 5);
        assert((await limiter.take("ann", 5)).allowed);
        assert.equal(refusedFor(await limiter.take("ann", 6)), null);
      },
    ),
    check(
      "admits exactly the limit out of many concurrent takes",
      async (store, clock) => {
        const limiter = createLimiter({
          policies: { perSecond, perMinute },
          store,
          clock,
        });
        const takes = Array.from({ length: 200 }, () => limiter.allow("ann"));
        const admitted = (await Promise.all(takes)).filter(Boolean);
        assert.equal(admitted.length, 5);
      },
    ),
    check(
      "shares buckets between limiters of one prefix and keeps other prefixes apart",
      async (store, clock) => {
        const of = (prefix: string) =>
          createLimiter({ policies: { perSecond }, store, clock, prefix });
        assert((await of("a").take("ann", 5)).allowed);
        assert(!(await of("a").take("ann")).allowed);
        assert((await of("b").take("ann")).allowed);
      },
    ),
    check("mints nothing when the clock goes back", async (store) => {
      let nowMs = 10_000;
      const clock = timeFrom(() => nowMs);
      const limiter = createLimiter({ policies: { perSecond }, store, clock });
      assert((await limiter.take("ann", 5)).allowed);
      nowMs = 9_500;
      assert.equal(refusedFor(await limiter.take("ann")), 700);
      nowMs = 10_000;
      assert.equal(refusedFor(await limiter.take("ann")), 200);
    }),
    check(
      "forgives a time from a far future after one burst",
      async (store) => {
        let nowMs = 1e9;
        const clock = timeFrom(() => nowMs);
        const limiter = createLimiter({
          policies: { perSecond },
          store,
          clock,
        });
        assert((await limiter.take("ann", 5)).allowed);
        nowMs = 1000;
        assert.equal(refusedFor(await limiter.take("ann")), 200);
        nowMs = 1200;
        assert((await limiter.take("ann")).allowed);
      },
    ),
    ...algorithmCases(create),
  ];
};
