import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "./token-bucket.ts";

const most = Number.MAX_SAFE_INTEGER;

/** A policy, and the exact time a token takes as a fraction of integers. */
const policies = fc
  .oneof(
    fc.record({
      limit: fc.integer({ min: 1, max: 20 }),
      periodUs: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({
      limit: fc.integer({ min: 1, max: 1_000_000 }),
      periodUs: fc.integer({ min: 1, max: 3_600_000_000 }),
      burst: fc.integer({ min: 1, max: 2_000_000 }),
    }),
    // At the very bound of exact integers.
    fc.record({
      limit: fc.integer({ min: most - 1000, max: most }),
      periodUs: fc.integer({ min: 1, max: 2 ** 30 }),
      burst: fc.constant(most),
    }),
  )
  .map(({ limit, periodUs, burst }) => {
    const exact = Math.floor(most / periodUs);
    const short = Math.floor((2 ** 51 * limit) / periodUs);
    return { limit, periodUs, burst: Math.min(burst, exact, short) };
  });

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("take", "force", "giveBack", "giveBack"),
    /** In bursts. */
    advance: fc.double({ min: -1.2, max: 1, noNaN: true }),
    jitterUs: fc.integer({ min: -2, max: 2 }),
    cost: fc.double({ min: 0, max: 1.2, noNaN: true }),
    size: fc.constantFrom("few", "share", "huge"),
  }),
  { maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

const costOf = ({ cost, size }: Step, burst: number): number =>
  size === "few"
    ? Math.floor(cost * 4)
    : Math.min(most, Math.round(cost * (size === "huge" ? most : 2 * burst)));

describe("a token bucket in debt", () => {
  it("agrees with exact arithmetic, whatever is taken, forced and given back", () => {
    fc.assert(
      fc.property(policies, steps, (one, trace) => {
        const { burst } = one;
        const [limit, period] = [BigInt(one.limit), BigInt(one.periodUs)];
        const span = BigInt(burst) * period;
        const policy = tokenBucket({ ...one, per: one.periodUs / 1000 });
        const cells = new Float64Array(2);
        // In 1/limit microseconds.
        let arrival = 0n;
        let nowUs = 1e12;
        for (const step of trace) {
          const spanUs = Math.ceil((burst / one.limit) * one.periodUs);
          nowUs += Math.round(step.advance * Math.min(spanUs, 1e13));
          nowUs = Math.min(1e15, Math.max(0, nowUs + step.jitterUs));
          const now = BigInt(nowUs) * limit;
          const cost = costOf(step, burst);
          const far = now + 2n * span;
          if (policy.heal(cells, 0, nowUs)) {
            expect(arrival > far).toBe(true);
            arrival = now + span;
          }
          const base = arrival > now ? arrival : now;
          const sum = base + BigInt(cost) * period;
          if (step.kind === "take") {
            const wait = policy.wait(cells, 0, nowUs, cost);
            expect(wait === 0).toBe(sum <= now + span);
            if (wait === 0) {
              policy.charge(cells, 0, nowUs, cost);
              arrival = sum;
            } else if (wait !== Infinity) {
              const over = sum - now - span;
              expect(BigInt(wait)).toBe((over + limit - 1n) / limit);
            }
          } else if (step.kind === "force") {
            policy.force(cells, 0, nowUs, cost);
            arrival = sum < far ? sum : far;
          } else {
            policy.giveBack(cells, 0, nowUs, cost);
            const less = base - BigInt(cost) * period;
            if (arrival > now) arrival = less > now ? less : now;
          }
          if (arrival > now || (cells[0] as number) > nowUs)
            expect(
              BigInt(cells[0] as number) * limit + BigInt(cells[1] as number),
            ).toBe(arrival);
        }
      }),
      { numRuns: 3000, seed: 11 },
    );
  });

  it("answers as before once what was taken is given back, and no wait gets shorter by force or longer by giving back", () => {
    fc.assert(
      fc.property(policies, steps, (one, trace) => {
        const { burst } = one;
        const policy = tokenBucket({ ...one, per: one.periodUs / 1000 });
        const cells = new Float64Array(2);
        const costs = [0, 1, Math.ceil(burst / 2), burst];
        let nowUs = 0;
        const waits = (): number[] =>
          costs.map((cost) => policy.wait(cells, 0, nowUs, cost));
        for (const step of trace) {
          nowUs += Math.round(Math.abs(step.advance) * one.periodUs);
          policy.heal(cells, 0, nowUs);
          const cost = costOf(step, burst);
          const before = policy.describe(cells, 0, nowUs, 1);
          const [waitsBefore, idleBefore] = [waits(), policy.idleAt(cells, 0)];
          if (step.kind === "take") {
            if (policy.wait(cells, 0, nowUs, cost) !== 0) continue;
            policy.charge(cells, 0, nowUs, cost);
            policy.giveBack(cells, 0, nowUs, cost);
            expect(policy.describe(cells, 0, nowUs, 1)).toEqual(before);
            expect(waits()).toEqual(waitsBefore);
            policy.charge(cells, 0, nowUs, cost);
          } else if (step.kind === "force") {
            policy.force(cells, 0, nowUs, cost);
            for (const [index, wait] of waits().entries())
              expect(wait).toBeGreaterThanOrEqual(waitsBefore[index] as number);
            expect(policy.idleAt(cells, 0)).toBeGreaterThanOrEqual(idleBefore);
            expect(policy.heal(cells, 0, nowUs)).toBe(false);
          } else {
            policy.giveBack(cells, 0, nowUs, cost);
            for (const [index, wait] of waits().entries())
              expect(wait).toBeLessThanOrEqual(waitsBefore[index] as number);
          }
        }
      }),
      { numRuns: 1000, seed: 12 },
    );
  });

  it("owes at most one burst more than an empty one", () => {
    const policy = tokenBucket({ limit: 10, per: "1s", burst: 20 });
    const cells = new Float64Array(2);
    policy.force(cells, 0, 0, most);
    expect(policy.describe(cells, 0, 0, 1)).toEqual({
      limit: 10,
      remaining: 0,
      resetAfterMs: 4000,
      retryAfterMs: 2100,
      periodMs: 1000,
    });
  });
});
