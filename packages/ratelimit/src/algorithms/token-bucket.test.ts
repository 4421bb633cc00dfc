import { InvalidOptionError } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReferenceLimiter } from "../testing/reference.ts";
import { tokenBucket } from "./token-bucket.ts";

/** The microseconds of each admitted take and its cost, when taking again as soon as each answer allows. */
const saturate = (
  options: { limit: number; per: number; burst?: number },
  cost: number,
  seconds: number,
): { admitted: number; takes: number } => {
  const policy = tokenBucket(options);
  const cells = new Float64Array(policy.width);
  policy.start(cells, 0, 0);
  let admitted = 0;
  let takes = 0;
  for (let now = 0; now <= seconds * 1e6;) {
    const wait = policy.wait(cells, 0, now, cost);
    if (wait === 0) {
      policy.charge(cells, 0, now, cost);
      admitted += cost;
      takes++;
    } else now += wait;
  }
  return { admitted, takes };
};

const boundOf = (act: () => unknown): InvalidOptionError => {
  try {
    act();
  } catch (error) {
    if (InvalidOptionError.is(error)) return error;
  }
  throw new Error("expected an InvalidOptionError");
};

describe("a token bucket", () => {
  it("admits exactly burst + rate x time at 3 a second over a million seconds", () => {
    expect(saturate({ limit: 3, per: 1000 }, 1, 1e6).admitted).toBe(3_000_003);
  });

  it("admits exactly burst + rate x time at 700,000 a second over a million seconds", () => {
    // In lots of 499,979, a prime: what is left over of the exact total is less than one lot.
    const lot = 499_979;
    const { takes } = saturate({ limit: 700_000, per: 1000 }, lot, 1e6);
    expect(takes).toBe(Math.floor((700_000 + 700_000 * 1e6) / lot));
  });

  it("admits exactly burst + rate x time one by one at 700,000 a second", () => {
    expect(saturate({ limit: 700_000, per: 1000 }, 1, 3).admitted).toBe(
      700_000 * 4,
    );
  });

  it("keeps burst apart from rate", () => {
    expect(
      saturate({ limit: 7, per: 60_000, burst: 20 }, 1, 600).admitted,
    ).toBe(20 + 70);
  });

  it("agrees with exact arithmetic on any trace, whatever the rate and however the clock goes", () => {
    const policies = fc.oneof(
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
      fc.integer({ min: 1, max: 2 ** 30 }).chain((periodUs) =>
        fc.record({
          limit: fc.maxSafeInteger().map((value) => Math.abs(value) || 1),
          periodUs: fc.constant(periodUs),
          burst: fc.constant(Math.floor(Number.MAX_SAFE_INTEGER / periodUs)),
        }),
      ),
    );
    const step = fc.record({
      /** In bursts, so that every region is met: idle, spending, exhausted, too far in the future. */
      advance: fc.double({ min: -2.5, max: 1.5, noNaN: true }),
      jitterUs: fc.integer({ min: -2, max: 2 }),
      cost: fc.double({ min: 0, max: 1.1, noNaN: true }),
      small: fc.boolean(),
    });
    fc.assert(
      fc.property(policies, fc.array(step, { maxLength: 40 }), (one, steps) => {
        const { limit, periodUs } = one;
        // The longest span that is counted in microseconds is 2^51 of them.
        const longest = Math.floor((2 ** 51 * limit) / periodUs);
        const burst = Math.min(one.burst, longest);
        const policy = tokenBucket({ limit, per: periodUs / 1000, burst });
        expect(policy.unitsPerMs).toBe(1000);
        const reference = new ReferenceLimiter([{ limit, periodUs, burst }]);
        const cells = new Float64Array(2);
        const spanUs = Math.ceil((burst / limit) * periodUs);
        let now = 1e12;
        policy.start(cells, 0, 0);
        for (const { advance, jitterUs, cost: share, small } of steps) {
          now = Math.min(
            1e15,
            Math.max(
              0,
              now + Math.round(advance * Math.min(spanUs, 1e13)) + jitterUs,
            ),
          );
          const cost = small
            ? Math.floor(share * 3)
            : Math.min(Number.MAX_SAFE_INTEGER, Math.round(share * burst));
          policy.heal(cells, 0, now);
          const wait = policy.wait(cells, 0, now, cost);
          if (wait === 0 && cost > 0) policy.charge(cells, 0, now, cost);
          const expected = reference.decide(["x"], now, cost, true);
          expect(policy.describe(cells, 0, now, cost)).toEqual(
            expected.states[0],
          );
          expect(wait === 0).toBe(expected.refusal === undefined);
          expect(cells[1]).toBeLessThan(limit);
        }
      }),
      { numRuns: 1500, seed: 1 },
    );
  });

  it("admits at most burst + rate x time over every interval, and answers the exact wait", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 60 }),
            fc.integer({ min: 1, max: 4 }),
          ),
          { minLength: 1, maxLength: 60 },
        ),
        (limit, periodUs, burst, takes) => {
          const policy = tokenBucket({ limit, per: periodUs / 1000, burst });
          const cells = new Float64Array(2);
          const admitted: { at: number; cost: number }[] = [];
          let now = 0;
          for (const [gap, cost] of takes) {
            now += gap;
            const wait = policy.wait(cells, 0, now, cost);
            if (wait > 0 && wait < Infinity) {
              expect(policy.wait(cells, 0, now + wait - 1, cost)).toBe(1);
              expect(policy.wait(cells, 0, now + wait, cost)).toBe(0);
            }
            if (wait > 0) continue;
            policy.charge(cells, 0, now, cost);
            admitted.push({ at: now, cost });
          }
          for (const [index, first] of admitted.entries()) {
            let sum = 0;
            for (const { at, cost } of admitted.slice(index)) {
              sum += cost;
              // sum <= burst + s / T, in integers.
              expect(sum * periodUs).toBeLessThanOrEqual(
                burst * periodUs + (at - first.at) * limit,
              );
            }
          }
        },
      ),
      { numRuns: 400, seed: 2 },
    );
  });

  it("cannot be told from an unused one from idleAt on, and can before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 9 }),
        (limit, periodUs, cost) => {
          const policy = tokenBucket({ limit, per: periodUs / 1000, burst: 9 });
          const used = new Float64Array(2);
          policy.charge(used, 0, 0, cost);
          const idleAt = policy.idleAt(used, 0);
          const unused = new Float64Array(2);
          policy.start(unused, 0, idleAt);
          expect(policy.describe(used, 0, idleAt, 9)).toEqual(
            policy.describe(unused, 0, idleAt, 9),
          );
          expect(policy.wait(used, 0, idleAt - 1, 9)).toBeGreaterThan(0);
        },
      ),
      { seed: 3 },
    );
  });
});

describe("tokenBucket", () => {
  it("counts in microseconds while burst x per fits in 2^53 - 1 of them, and in milliseconds above", () => {
    expect(tokenBucket({ limit: 104_249, per: "1d" }).unitsPerMs).toBe(1000);
    expect(tokenBucket({ limit: 104_250, per: "1d" }).unitsPerMs).toBe(1);
    expect(tokenBucket({ limit: 3_474_999, per: "30d" }).unitsPerMs).toBe(1);
  });

  it("refuses what it cannot count exactly, and names the bound", () => {
    const error = boundOf(() => tokenBucket({ limit: 3_475_000, per: "30d" }));
    expect(error.option).toBe("limit");
    expect(error.bound).toContain("3474999");
    const other = boundOf(() =>
      tokenBucket({ limit: 1, per: "30d", burst: 3_475_000 }),
    );
    expect(other.option).toBe("burst");
  });

  it.each([
    ["limit", { limit: 0, per: "1s" }],
    ["limit", { limit: 1.5, per: "1s" }],
    ["limit", { limit: NaN, per: "1s" }],
    ["burst", { limit: 1, per: "1s", burst: 0 }],
    ["burst", { limit: 1, per: "1s", burst: -1 }],
    ["per", { limit: 1, per: 0 }],
    ["per", { limit: 1, per: 0.0001 }],
    ["per", { limit: 1, per: Infinity }],
    [
      "limitFor",
      { limit: 1, per: "1s", limitFor: "5/s" as unknown as () => undefined },
    ],
  ] as const)("refuses a bad %s", (option, options) => {
    expect(boundOf(() => tokenBucket(options)).option).toBe(option);
  });

  it("takes undefined as not given", () => {
    expect(tokenBucket({ limit: 5, per: "1s", burst: undefined }).burst).toBe(
      5,
    );
  });
});
