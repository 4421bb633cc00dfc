import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outlierDetection } from "./outlier-detection.ts";
import type { SuccessRateOptions } from "./outlier-options.ts";

/** Indexes of the outliers, the worst first, among instances with these successes out of a hundred reports each. */
const outliers = (
  successes: readonly number[],
  successRate: SuccessRateOptions = {},
  reports: number = 100,
): number[] => {
  const detection = outlierDetection({ consecutive: false, successRate });
  const accounts = successes.map((succeeded) => {
    const account = detection.account();
    for (let index = 0; index < reports; index++)
      if (index < succeeded) account.success(0);
      else account.failure(0);
    account.closeInterval();
    return account;
  });
  return detection
    .outliers(accounts)
    .map((account) => accounts.indexOf(account));
};

describe("success rates", () => {
  it("single out the instance that fails more than the others", () => {
    expect(outliers([100, 99, 60, 100, 98, 99])).toEqual([2]);
    expect(outliers([100, 100, 100, 100, 100])).toEqual([]);
    // The good are not singled out for being better.
    expect(outliers([0, 0, 0, 0, 0, 100])).toEqual([]);
  });

  it("without a floor single out one of five for a single failure, with it not", () => {
    // One that differs from four alike is sqrt(4) = 2 deviations away, whatever the difference.
    expect(outliers([100, 100, 100, 100, 99], { floor: 0 })).toEqual([4]);
    expect(outliers([100, 100, 100, 100, 99])).toEqual([]);
    expect(outliers([100, 100, 100, 100, 94])).toEqual([]);
    expect(outliers([100, 100, 100, 100, 93])).toEqual([4]);
  });

  it("by the standard deviation single out nobody of four, by the median distance they do", () => {
    const four = [100, 100, 100, 0];
    expect(outliers(four, { minimumHosts: 4 })).toEqual([]);
    expect(outliers(four, { minimumHosts: 4, deviation: "mad" })).toEqual([3]);
  });

  it("by the median distance single out two bad of six, by the standard deviation neither", () => {
    const six = [99, 50, 100, 98, 40, 100];
    expect(outliers(six)).toEqual([]);
    expect(outliers(six, { deviation: "mad" })).toEqual([4, 1]);
  });

  it("include the floor and exclude the deviations", () => {
    const mad = { deviation: "mad" } as const;
    expect(outliers([100, 100, 100, 100, 95], mad)).toEqual([4]);
    expect(outliers([100, 100, 100, 100, 96], mad)).toEqual([]);
    // Mean 80, standard deviation 20: exactly two deviations below.
    const two = { stdevFactor: 2 };
    expect(outliers([90, 90, 90, 90, 40], two)).toEqual([]);
    expect(outliers([90, 90, 90, 90, 40], { stdevFactor: 1.99 })).toEqual([4]);
  });

  it("are compared only when enough instances have enough reports", () => {
    const bad = [100, 100, 100, 100, 0];
    expect(outliers(bad, { minimumRequests: 101 })).toEqual([]);
    expect(outliers(bad, { minimumHosts: 6 })).toEqual([]);
    expect(outliers([10, 10, 10, 10, 0], {}, 99)).toEqual([]);
    const few = { minimumHosts: 3, stdevFactor: 1, minimumRequests: 10 };
    expect(outliers([10, 10, 0], few, 10)).toEqual([2]);
  });

  it("of an instance with too few reports are no rate, and do not count for the others", () => {
    const detection = outlierDetection({ successRate: {} });
    const account = detection.account();
    for (let report = 0; report < 99; report++) account.success(0);
    account.closeInterval();
    expect(account.successRate).toBeUndefined();
    for (let report = 0; report < 100; report++) account.success(0);
    account.failure(0);
    account.closeInterval();
    expect(account.successRate).toBeCloseTo(100 / 101);
    account.closeInterval();
    expect(account.successRate).toBeUndefined();
  });

  it("are not compared unless asked for", () => {
    const detection = outlierDetection();
    expect(detection.sweepMs).toBe(Infinity);
    expect(outlierDetection({ successRate: {} }).sweepMs).toBe(10_000);
    const account = detection.account();
    for (let report = 0; report < 1000; report++) account.success(0);
    account.closeInterval();
    expect(account.successRate).toBeUndefined();
    expect(detection.outliers([account])).toEqual([]);
  });
});

const successes = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 90, max: 100 })),
  { minLength: 1, maxLength: 12 },
);
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const sorted = (values: readonly number[]): number[] =>
  [...values].sort((a, b) => a - b);

describe("success rates beside a model in whole numbers", () => {
  it("agree by the standard deviation", () => {
    fc.assert(
      fc.property(successes, (all) => {
        const n = all.length;
        const total = sum(all);
        // n^2 times the variance, of rates in hundredths.
        const spread = n * sum(all.map((each) => each * each)) - total * total;
        const expected = [...all.keys()].filter((index) => {
          const below = total - n * all[index]!;
          return n >= 5 && below >= 5 * n && 100 * below * below > 361 * spread;
        });
        expect(sorted(outliers(all))).toEqual(expected);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("agree by the median distance", () => {
    const twiceMedian = (values: readonly number[]): number => {
      const inOrder = sorted(values);
      const middle = Math.floor(values.length / 2);
      return values.length % 2 === 1
        ? 2 * inOrder[middle]!
        : inOrder[middle]! + inOrder[middle - 1]!;
    };
    fc.assert(
      fc.property(successes, (all) => {
        const center = twiceMedian(all);
        // Twice the distances, so that halves stay whole; their median is doubled once more.
        const distances = all.map((each) => Math.abs(2 * each - center));
        const mad = twiceMedian(distances);
        const expected = [...all.keys()].filter((index) => {
          const below = center - 2 * all[index]!;
          const far = 2 * below * 100_000 > 19 * 14_826 * mad;
          return all.length >= 5 && below >= 10 && far;
        });
        expect(sorted(outliers(all, { deviation: "mad" }))).toEqual(expected);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("never single out one and spare a worse one, and by the median distance never more than half", () => {
    const deviation = fc.constantFrom("stdev" as const, "mad" as const);
    const options = fc.record({
      deviation,
      floor: fc.constantFrom(0, 0.05, 0.2),
      stdevFactor: fc.constantFrom(0, 1, 1.9),
    });
    fc.assert(
      fc.property(successes, options, (all, how) => {
        const found = outliers(all, how);
        const rates = found.map((index) => all[index]!);
        expect(rates).toEqual(sorted(rates));
        const best = Math.max(-1, ...rates);
        const spared = all.filter((_, index) => !found.includes(index));
        for (const each of spared) expect(each).toBeGreaterThanOrEqual(best);
        if (how.deviation === "mad")
          expect(found.length).toBeLessThanOrEqual(all.length / 2);
        else expect(found.length).toBeLessThan(all.length);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
