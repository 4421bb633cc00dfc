import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { ReferenceLimiter } from "../testing/reference.ts";
import { storeSuite } from "../testing/store-suite.ts";
import { memoryStore } from "./memory.ts";

const perSecond = tokenBucket({ limit: 10, per: "1s" });

describe("a memory store", () => {
  for (const { name, run } of storeSuite(() => memoryStore())) it(name, run);
});

describe("a full memory store", () => {
  const fill = (overflow: "shared" | "deny", maxKeys = 100) => {
    const clock = new ManualClock();
    const store = memoryStore({ maxKeys, overflow });
    const limiter = createLimiter({ policies: { perSecond }, store, clock });
    for (let index = 0; index < maxKeys; index++)
      limiter.takeSync(`old ${index}`, 10);
    return { clock, store, limiter };
  };

  it("lets new subjects share one bucket by default", () => {
    const { limiter, store } = fill("shared");
    for (let index = 0; index < 10; index++)
      expect(limiter.takeSync(`new ${index}`).allowed).toBe(true);
    expect(limiter.takeSync("new 10")).toMatchObject({
      allowed: false,
      reason: "limit",
      retryAfterMs: 100,
    });
    expect(store.size).toBe(100);
  });

  it("refuses new subjects with reason 'store' on overflow 'deny', until the first is back to full", async () => {
    const { limiter, clock } = fill("deny");
    await clock.advance(300);
    expect(limiter.takeSync("new")).toEqual({
      allowed: false,
      reason: "store",
      violated: ["perSecond"],
      retryAfterMs: 700,
      remaining: 0,
      resetAfterMs: 700,
      limits: {
        perSecond: {
          limit: 10,
          remaining: 0,
          resetAfterMs: 700,
          retryAfterMs: 700,
          periodMs: 1000,
        },
      },
    });
    expect(await limiter.peek("new")).toMatchObject({ reason: "store" });
    await clock.advance(699);
    expect(limiter.takeSync("new").allowed).toBe(false);
    await clock.advance(1);
    expect(limiter.takeSync("new").allowed).toBe(true);
  });

  it("serves the subjects it knows as ever", async () => {
    const { limiter, clock } = fill("deny");
    expect(limiter.takeSync("old 5")).toMatchObject({ reason: "limit" });
    await clock.advance(100);
    expect(limiter.takeSync("old 5").allowed).toBe(true);
  });

  it("finds the one subject that is back to full among all that are not", async () => {
    for (const rested of [0, 37, 99]) {
      const { limiter, clock, store } = fill("deny");
      await clock.advance(999);
      for (let index = 0; index < 100; index++)
        if (index !== rested) limiter.takeSync(`old ${index}`, 9);
      await clock.advance(1);
      expect(limiter.takeSync("new").allowed).toBe(true);
      expect(store.size).toBe(100);
      expect(limiter.takeSync("newer").allowed).toBe(false);
    }
  });

  it("makes room across policies and limiters", async () => {
    const clock = new ManualClock();
    const store = memoryStore({ maxKeys: 2, overflow: "deny" });
    const slow = createLimiter({
      policies: { perSecond, perMinute: tokenBucket({ limit: 1, per: "1m" }) },
      store,
      clock,
      prefix: "slow",
    });
    const fast = createLimiter({ policies: { perSecond }, store, clock });
    expect(slow.takeSync("ann").allowed).toBe(true);
    expect(fast.takeSync("bob")).toMatchObject({ reason: "store" });
    await clock.advance(100);
    expect(fast.takeSync("bob").allowed).toBe(true);
    expect(store.size).toBe(2);
    expect(slow.takeSync("ann")).toMatchObject({
      reason: "limit",
      violated: ["perSecond", "perMinute"],
    });
  });

  it("answers like the reference of the same size on random traces, and never holds more", () => {
    const policies = [
      { limit: 3, periodUs: 1000, burst: 3 },
      { limit: 7, periodUs: 5000, burst: 2 },
      { limit: 1, periodUs: 900, burst: 2, shadow: true },
    ] as const;
    const step = fc.record({
      gapUs: fc.integer({ min: 0, max: 700 }),
      first: fc.integer({ min: 0, max: 9 }),
      second: fc.integer({ min: 0, max: 9 }),
      cost: fc.integer({ min: 0, max: 4 }),
      commit: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(step, { maxLength: 120 }),
        (maxKeys, steps) => {
          let nowUs = 0;
          const clock = new ManualClock();
          clock.now = () => nowUs / 1000;
          const store = memoryStore({ maxKeys });
          const [first, second, third] = policies.map(
            ({ limit, periodUs, burst }) =>
              tokenBucket({ limit, per: periodUs / 1000, burst }),
          );
          const session = store.bind(
            [
              { id: "first", policy: first!, enforced: true },
              { id: "second", policy: second!, enforced: true },
              { id: "third", policy: third!, enforced: false },
            ],
            clock,
          );
          const reference = new ReferenceLimiter(policies, maxKeys);
          for (const { gapUs, cost, commit, ...who } of steps) {
            nowUs += gapUs;
            const subjects = [
              `s${who.first}`,
              `s${who.second}`,
              `s${who.first}`,
            ];
            const charging = commit && cost > 0;
            expect(session.decideSync(subjects, cost, charging)).toEqual(
              reference.decide(subjects, nowUs, cost, charging),
            );
            expect(store.size).toBeLessThanOrEqual(maxKeys);
          }
        },
      ),
      { numRuns: 600, seed: 4 },
    );
  });

  it("frees no throttled subject in a flood of 200,000 distinct ones", () => {
    const { limiter, store, clock } = fill("shared", 10_000);
    for (let index = 0; index < 200_000; index++)
      limiter.takeSync(`flood ${index}`);
    expect(store.size).toBe(10_000);
    for (let index = 0; index < 10_000; index++)
      expect(limiter.takeSync(`old ${index}`).allowed).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe("a memory store over time", () => {
  it("holds the subjects in use, not all it has ever seen", async () => {
    const clock = new ManualClock();
    const store = memoryStore();
    const limiter = createLimiter({ policies: { perSecond }, store, clock });
    for (let index = 0; index < 20_000; index++) {
      limiter.takeSync(`passer-by ${index}`);
      if (index % 100 === 0) await clock.advance(1000);
    }
    // 100 a second, each spending for 0.1 s and kept for another 10 s.
    expect(store.size).toBeLessThan(1500);
  });

  it("mints nothing when the clock goes to and fro past the time a subject was forgotten", async () => {
    let nowMs = 1000;
    const clock = new ManualClock();
    clock.now = () => nowMs;
    const store = memoryStore({ maxKeys: 1 });
    const limiter = createLimiter({ policies: { perSecond }, store, clock });
    let admitted = 0;
    for (let swing = 0; swing < 50; swing++) {
      nowMs = 1000;
      while (limiter.takeSync("ann").allowed) admitted++;
      nowMs = 2000;
      limiter.takeSync("bob");
      nowMs = 3000;
      expect((await limiter.peek("zoe")).remaining).toBe(10);
    }
    // No more than the burst and what one run from 1000 to 3000 refills.
    expect(admitted).toBeLessThanOrEqual(10 + 20);
  });

  it("starts anew when the time it forgot a subject at was wrong by far", () => {
    let nowMs = 1e9;
    const clock = new ManualClock();
    clock.now = () => nowMs;
    const store = memoryStore();
    const limiter = createLimiter({ policies: { perSecond }, store, clock });
    limiter.takeSync("ann");
    nowMs += 20_000;
    limiter.takeSync("bob");
    expect(store.size).toBe(1);
    nowMs = 0;
    expect(limiter.takeSync("cid", 10).allowed).toBe(true);
  });

  it("finds room in a subject that was healed from a far future", () => {
    let nowMs = 1e9;
    const clock = new ManualClock();
    clock.now = () => nowMs;
    const store = memoryStore({ maxKeys: 1, overflow: "deny" });
    const limiter = createLimiter({ policies: { perSecond }, store, clock });
    limiter.takeSync("ann");
    nowMs = 0;
    expect(limiter.takeSync("ann")).toMatchObject({ retryAfterMs: 100 });
    nowMs = 999;
    expect(limiter.takeSync("bob")).toMatchObject({ reason: "store" });
    nowMs = 1000;
    expect(limiter.takeSync("bob").allowed).toBe(true);
  });

  it("does not keep a long text alive for a subject cut from it", () => {
    const store = memoryStore();
    const limiter = createLimiter({ policies: { perSecond }, store });
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 2000; index++) {
      const head = `${index} `.padEnd(100_000, "header");
      limiter.takeSync(head.slice(0, 40));
    }
    // 2000 heads are 200 MB; what is garbage of them may still be there.
    expect(store.size).toBe(2000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150e6);
  });
});

describe("memoryStore", () => {
  it.each([
    ["maxKeys", { maxKeys: 0 }],
    ["maxKeys", { maxKeys: 2 ** 23 + 1 }],
    ["overflow", { overflow: "evict" as "deny" }],
  ])("refuses a bad %s", (option, options) => {
    expect(() => memoryStore(options)).toThrow(
      expect.objectContaining({ code: "DP_INVALID_OPTION", option }),
    );
  });
});
