import { seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constant } from "./constant.ts";
import { exponential, type ExponentialOptions } from "./exponential.ts";

const half = (): number => 0.5;

/** The first delays of a sequence. */
const delays = (
  options: ExponentialOptions,
  count: number,
  random = half,
): number[] => {
  const backoff = exponential(options);
  let previousMs = 0;
  return Array.from(
    { length: count },
    (_, index) => (previousMs = backoff.delayMs(index + 1, previousMs, random)),
  );
};

describe("a constant backoff", () => {
  it("always waits the same", () => {
    const backoff = constant("2s");
    expect([1, 2, 50].map((n) => backoff.delayMs(n, 0, half))).toEqual([
      2_000, 2_000, 2_000,
    ]);
  });
});

describe("an exponential backoff", () => {
  it("grows by the factor up to the maximum", () => {
    expect(
      delays({ initial: 100, factor: 3, max: "1s", jitter: "none" }, 4),
    ).toEqual([100, 300, 900, 1_000]);
  });

  it("doubles up to a minute with full jitter by default", () => {
    expect(delays({ initial: "10s" }, 5)).toEqual([
      5_000, 10_000, 20_000, 30_000, 30_000,
    ]);
  });

  it("spreads over the upper half with equal jitter", () => {
    expect(delays({ initial: 100, jitter: "equal" }, 3, () => 0)).toEqual([
      50, 100, 200,
    ]);
    expect(delays({ initial: 100, jitter: "equal" }, 2)).toEqual([75, 150]);
  });

  it("goes up to three times the last delay with decorrelated jitter", () => {
    // 100 + 0.5 * (300 - 100), then 100 + 0.5 * (600 - 100), then 100 + 0.5 * (1050 - 100).
    expect(delays({ initial: 100, jitter: "decorrelated" }, 3)).toEqual([
      200, 350, 575,
    ]);
  });

  it("follows the curve of Polly's second jitter", () => {
    const curve = (t: number): number => 2 ** t * Math.tanh(Math.sqrt(4 * t));
    const expected = [
      curve(0.5),
      curve(1.5) - curve(0.5),
      curve(2.5) - curve(1.5),
    ].map((rise) => (rise / 1.4) * 100);
    const found = delays({ initial: 100, jitter: "polly" }, 3);
    found.forEach((delayMs, index) =>
      expect(delayMs).toBeCloseTo(expected[index] as number),
    );
  });

  it("has three in five first delays below the initial one, and doubles from there, with Polly's second jitter", () => {
    const random = seededRandom(3);
    const backoff = exponential({ initial: 100, max: "1d", jitter: "polly" });
    const many = (attempt: number): number[] =>
      Array.from({ length: 5_001 }, () => backoff.delayMs(attempt, 0, random));
    const medianOf = (attempt: number): number =>
      many(attempt)
        .toSorted((left, right) => left - right)
        .at(2_500) as number;
    const below = many(1).filter((delayMs) => delayMs < 100).length / 5_001;
    expect(below).toBeCloseTo(0.61, 1);
    for (const attempt of [3, 4, 5]) {
      const ratio = medianOf(attempt + 1) / medianOf(attempt);
      expect(ratio).toBeGreaterThan(1.9);
      expect(ratio).toBeLessThan(2.1);
    }
  });

  it("waits for the maximum where doubling has left the numbers, with every jitter that doubles", () => {
    for (const jitter of ["none", "polly"] as const)
      expect(exponential({ initial: 1, jitter }).delayMs(5_000, 0, half)).toBe(
        60_000,
      );
  });

  it("stays within its bounds for every attempt, also where the power overflows", () => {
    fc.assert(
      fc.property(
        fc.record({
          initial: fc.oneof(
            fc.constant(0),
            fc.double({ min: 0.001, max: 1e4, noNaN: true }),
          ),
          factor: fc.double({ min: 1, max: 100, noNaN: true }),
          jitter: fc.constantFrom(
            "none",
            "full",
            "equal",
            "decorrelated",
            "polly" as const,
          ),
        }),
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(5_000)),
        fc.nat(),
        (options, room, attempt, seed) => {
          const max = options.initial + room;
          const random = seededRandom(seed);
          const backoff = exponential({ ...options, max });
          const delayMs = backoff.delayMs(attempt, random() * max, random);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(max);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("refuses what it cannot honour", () => {
    expect(() => exponential({ initial: -1 })).toThrow("initial must be");
    expect(() => exponential({ initial: 1, factor: 0.5 })).toThrow(
      "factor must be a number of at least 1, got 0.5",
    );
    expect(() => exponential({ initial: 100, max: 50 })).toThrow(
      "max must be a duration of at least 100 ms",
    );
    expect(() => exponential({ initial: 1, jitter: "some" as "full" })).toThrow(
      "jitter must be one of",
    );
  });
});
