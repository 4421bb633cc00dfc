import { renderPrometheus } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { tokenBucket } from "./algorithms/token-bucket.ts";
import { createLimiter } from "./create-limiter.ts";
import type { Limiter, MemoryLimiter } from "./limiter.ts";
import type { Policies } from "./options.ts";
import { memoryStore } from "./stores/memory.ts";
import type { LimitStore, StoreSession } from "./stores/store.ts";
import { ReferenceLimiter } from "./testing/reference.ts";

const perSecond = tokenBucket({ limit: 10, per: "1s" });
const perMinute = tokenBucket({ limit: 100, per: "1m" });

const limiterAtZero = () => {
  const clock = new ManualClock();
  const limiter = createLimiter({ policies: { perSecond, perMinute }, clock });
  return { clock, limiter };
};

const badInput = (option: string): unknown =>
  expect.objectContaining({ code: "DP_INVALID_OPTION", option });

describe("a decision", () => {
  it("tells everything about every limit", () => {
    const { limiter } = limiterAtZero();
    expect(limiter.takeSync("ann", 4)).toEqual({
      allowed: true,
      source: "store",
      remaining: 6,
      resetAfterMs: 2400,
      limits: {
        perSecond: {
          limit: 10,
          remaining: 6,
          resetAfterMs: 400,
          retryAfterMs: 0,
          periodMs: 1000,
        },
        perMinute: {
          limit: 100,
          remaining: 96,
          resetAfterMs: 2400,
          retryAfterMs: 0,
          periodMs: 60_000,
        },
      },
    });
  });

  it("names what refused and the exact time to try again", async () => {
    const { limiter, clock } = limiterAtZero();
    limiter.takeSync("ann", 10);
    const refusal = limiter.takeSync("ann", 3);
    expect(refusal).toMatchObject({
      allowed: false,
      reason: "limit",
      violated: ["perSecond"],
      retryAfterMs: 300,
      remaining: 0,
    });
    expect(refusal.limits.perMinute.retryAfterMs).toBe(0);
    await clock.advance(299.999);
    expect(limiter.takeSync("ann", 3).allowed).toBe(false);
    await clock.advance(0.001);
    expect(limiter.takeSync("ann", 3).allowed).toBe(true);
  });

  it("waits for the last of several limits that refuse", () => {
    const clock = new ManualClock();
    const slow = tokenBucket({ limit: 1, per: "1m" });
    const both = createLimiter({
      policies: { slow, slower: tokenBucket({ limit: 1, per: "2m" }) },
      clock,
    });
    both.takeSync("ann");
    expect(both.takeSync("ann")).toMatchObject({
      violated: ["slow", "slower"],
      retryAfterMs: 120_000,
    });
  });

  it("is null for a cost no burst can hold, even if another limit would only have to wait", () => {
    const { limiter } = limiterAtZero();
    limiter.takeSync("ann", 10);
    expect(limiter.takeSync("ann", 11)).toMatchObject({
      violated: ["perSecond"],
      retryAfterMs: null,
    });
    expect(limiter.takeSync("ann", 101)).toMatchObject({
      violated: ["perSecond", "perMinute"],
      retryAfterMs: null,
    });
    expect(limiter.takeSync("ann", Number.MAX_SAFE_INTEGER).allowed).toBe(
      false,
    );
  });
});

describe("a limiter", () => {
  it("takes one subject for all policies or one for each", async () => {
    const { limiter } = limiterAtZero();
    limiter.takeSync("x", 5);
    const state = await limiter.peek({ perSecond: "x", perMinute: "y" });
    expect(state.limits.perSecond.remaining).toBe(5);
    expect(state.limits.perMinute.remaining).toBe(100);
    expect(
      (await limiter.peek({ perSecond: "y", perMinute: "x" })).remaining,
    ).toBe(10);
  });

  it("answers the same by take, allow and takeSync", async () => {
    const { limiter } = limiterAtZero();
    const other = limiterAtZero().limiter;
    expect(await limiter.take("ann", 4)).toEqual(other.takeSync("ann", 4));
    expect(await limiter.allow("ann", 6)).toBe(true);
    expect(await limiter.allow("ann")).toBe(false);
  });

  it("peeks what a take would answer, and charges nothing", async () => {
    const { limiter } = limiterAtZero();
    expect(await limiter.peek("ann", 10)).toMatchObject({
      allowed: true,
      remaining: 10,
    });
    expect(await limiter.peek("ann", 11)).toMatchObject({ allowed: false });
    limiter.takeSync("ann", 10);
    expect(await limiter.peek("ann")).toMatchObject({
      allowed: false,
      retryAfterMs: 100,
    });
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53, "1" as never, null as never])(
    "throws for a cost of %s and changes nothing",
    async (cost) => {
      const { limiter } = limiterAtZero();
      expect(() => limiter.takeSync("ann", cost)).toThrow(badInput("cost"));
      await expect(limiter.take("ann", cost)).rejects.toThrow(badInput("cost"));
      await expect(limiter.peek("ann", cost)).rejects.toThrow(badInput("cost"));
      expect((await limiter.peek("ann")).remaining).toBe(10);
    },
  );

  it("throws for a subject that is no string, and charges no other", async () => {
    const { limiter } = limiterAtZero();
    const keys = { perSecond: "ann", perMinute: undefined as never };
    expect(() => limiter.takeSync(keys)).toThrow(badInput("keys.perMinute"));
    expect(() => limiter.takeSync(undefined as never)).toThrow(
      badInput("keys"),
    );
    expect(() => limiter.takeSync(null as never)).toThrow(badInput("keys"));
    await expect(limiter.allow(7 as never)).rejects.toThrow(badInput("keys"));
    expect((await limiter.peek("ann")).remaining).toBe(10);
  });

  it("reads the machine's clock when given none", () => {
    const limiter = createLimiter({
      policies: { perHour: tokenBucket({ limit: 2, per: "1h" }) },
    });
    expect(limiter.takeSync("ann").allowed).toBe(true);
    expect(limiter.takeSync("ann").allowed).toBe(true);
    expect(limiter.takeSync("ann").allowed).toBe(false);
  });

  it("shares nothing between a prefix and name and another pair that reads the same put together", () => {
    const store = memoryStore();
    const clock = new ManualClock();
    const once = tokenBucket({ limit: 1, per: "1h" });
    const of = (prefix: string, name: string) =>
      createLimiter({ policies: { [name]: once }, prefix, store, clock });
    expect(of("a b", "c").takeSync("ann").allowed).toBe(true);
    expect(of("a", "b c").takeSync("ann").allowed).toBe(true);
    expect(of("a", "b c").takeSync("ann").allowed).toBe(false);
  });

  it("takes an empty policy name as a bad option, like no policy and an unknown shadow", () => {
    const of = (policies: Policies, more = {}) => {
      createLimiter({ policies, ...more });
    };
    for (const policies of [undefined, null, 7, "per minute"])
      expect(() => of(policies as never)).toThrow(badInput("policies"));
    for (const policy of [null, {}, 7])
      expect(() => of({ perMinute: policy as never })).toThrow(
        badInput("policies.perMinute"),
      );
    expect(() => of({})).toThrow(badInput("policies"));
    expect(() => of({ "": perSecond })).toThrow(badInput("policies"));
    expect(() => of({ naïve: perSecond })).toThrow(badInput("policies"));
    expect(() => of({ ["__proto__"]: perSecond })).toThrow(
      badInput("policies"),
    );
    expect(() => of({ perSecond }, { shadow: ["other"] })).toThrow(
      badInput("shadow"),
    );
    expect(() => of({ perSecond }, { prefix: "" })).toThrow(badInput("prefix"));
  });

  it("charges all policies or none, on any trace", () => {
    const rates = [
      { limit: 5, periodUs: 1_000_000, burst: 4 },
      { limit: 3, periodUs: 700_001, burst: 6 },
      { limit: 11, periodUs: 3_000_000, burst: 11 },
    ] as const;
    const [a, b, c] = rates.map(({ limit, periodUs, burst }) =>
      tokenBucket({ limit, per: periodUs / 1000, burst }),
    );
    const step = fc.record({
      gapUs: fc.integer({ min: -300_000, max: 600_000 }),
      a: fc.constantFrom("x", "y"),
      b: fc.constantFrom("x", "y", "z"),
      c: fc.constantFrom("x"),
      cost: fc.integer({ min: 0, max: 7 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let nowUs = 1e7;
        const clock = new ManualClock();
        clock.now = () => nowUs / 1000;
        const limiter = createLimiter({
          policies: { a: a!, b: b!, c: c! },
          clock,
        });
        const reference = new ReferenceLimiter(rates);
        for (const { gapUs, cost, ...keys } of steps) {
          nowUs += gapUs;
          const decision = limiter.takeSync(keys, cost);
          const subjects = [keys.a, keys.b, keys.c];
          const expected = reference.decide(subjects, nowUs, cost, true);
          expect(decision.allowed).toBe(expected.refusal === undefined);
          expect(Object.values(decision.limits)).toEqual(expected.states);
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});

describe("a limiter with policies in shadow", () => {
  it("lets through what they would refuse, and counts it", () => {
    const limiter = createLimiter({
      policies: { perSecond, perMinute },
      shadow: ["perSecond"],
      clock: new ManualClock(),
      prefix: "api",
    });
    for (let take = 0; take < 12; take++)
      expect(limiter.takeSync("ann").allowed).toBe(true);
    const decision = limiter.takeSync("ann");
    expect(decision.limits.perSecond).toMatchObject({
      shadow: true,
      remaining: 0,
    });
    expect(decision.remaining).toBe(87);
    expect(renderPrometheus([limiter])).toContain(
      'dp_ratelimit_exhausted_total{limiter="api",mode="shadow",policy="perSecond"} 3\n',
    );
  });

  it("gives the totals of all when all are in shadow", () => {
    const limiter = createLimiter({
      policies: { perSecond },
      shadow: ["perSecond"],
      clock: new ManualClock(),
    });
    expect(limiter.takeSync("ann", 10)).toMatchObject({ remaining: 0 });
    expect(limiter.takeSync("ann").allowed).toBe(true);
  });
});

describe("the metrics of a limiter", () => {
  it("count takes by outcome, exhausted policies and subjects, and no peeks", async () => {
    const clock = new ManualClock();
    const limiter = createLimiter({
      policies: { perSecond },
      clock,
      store: memoryStore({ maxKeys: 1 }),
    });
    limiter.takeSync("ann", 10);
    limiter.takeSync("ann");
    limiter.takeSync("bob");
    await limiter.peek("ann");
    await clock.advance(1000);
    limiter.takeSync("cid");
    expect(renderPrometheus([limiter]).match(/^dp_.*/gm)).toEqual([
      'dp_ratelimit_decisions_total{limiter="default",outcome="allowed"} 3',
      'dp_ratelimit_decisions_total{limiter="default",outcome="refused"} 1',
      'dp_ratelimit_exhausted_total{limiter="default",mode="enforced",policy="perSecond"} 1',
      'dp_ratelimit_decided_elsewhere_total{limiter="default",source="lease"} 0',
      'dp_ratelimit_decided_elsewhere_total{limiter="default",source="local"} 0',
      'dp_ratelimit_decided_elsewhere_total{limiter="default",source="open"} 0',
      'dp_ratelimit_store_errors_total{limiter="default",operation="decide"} 0',
      'dp_ratelimit_store_errors_total{limiter="default",operation="adjust"} 0',
      'dp_ratelimit_store_errors_total{limiter="default",operation="block"} 0',
      'dp_ratelimit_store_errors_total{limiter="default",operation="reset"} 0',
      'dp_ratelimit_waiting{limiter="default"} 0',
      'dp_ratelimit_keys{limiter="default",policy="perSecond"} 1',
      'dp_ratelimit_forgotten_total{limiter="default",policy="perSecond"} 1',
      'dp_ratelimit_overflowed_total{limiter="default",policy="perSecond"} 1',
    ]);
  });
});

const noAmends = {
  adjust: () => Promise.resolve(),
  block: () => Promise.resolve(),
  reset: () => Promise.resolve(),
};

describe("a limiter on a store that answers later", () => {
  const slowStore = (decide: StoreSession["decide"]): LimitStore => ({
    bind: () => ({ ...noAmends, decide }),
  });

  it("has no takeSync, by type and in fact", () => {
    const limiter = createLimiter({
      policies: { perSecond },
      store: slowStore(() => Promise.reject(new Error("down"))),
    });
    expectTypeOf(limiter).toEqualTypeOf<Limiter<"perSecond">>();
    expect("takeSync" in limiter).toBe(false);
    expectTypeOf(
      createLimiter({ policies: { perSecond }, store: memoryStore() }),
    ).toEqualTypeOf<MemoryLimiter<"perSecond">>();
  });

  it("passes the store's failure on when told so, and counts no decision", async () => {
    const limiter = createLimiter({
      policies: { perSecond },
      store: slowStore(() => Promise.reject(new Error("down"))),
      onStoreError: "throw",
    });
    await expect(limiter.take("ann")).rejects.toThrow("down");
    await expect(limiter.allow("ann")).rejects.toThrow("down");
    expect(renderPrometheus([limiter])).toContain('outcome="refused"} 0\n');
  });

  it("concludes the same from a promised answer", async () => {
    const memory = memoryStore().bind(
      [{ id: "x", policy: perSecond, enforced: true }],
      new ManualClock(),
    );
    const limiter = createLimiter({
      policies: { perSecond },
      store: slowStore((...all) => memory.decide(...all)),
    });
    expect(await limiter.take("ann", 10)).toMatchObject({ remaining: 0 });
    expect(await limiter.take("ann")).toMatchObject({
      violated: ["perSecond"],
      retryAfterMs: 100,
    });
  });
});
