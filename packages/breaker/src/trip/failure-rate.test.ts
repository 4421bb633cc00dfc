import { describe, expect, it } from "vitest";
import { tripSuite } from "../testing/trip-suite.ts";
import { failureRate, type FailureRateOptions } from "./failure-rate.ts";

const window = (threshold: number, options: Partial<FailureRateOptions> = {}) =>
  failureRate(threshold, {
    window: 1_000,
    minimum: 4,
    ...options,
  }).create();

describe("a trip on the failure rate", () => {
  for (const { name, run } of tripSuite(() =>
    failureRate(0.5, { window: "10s", minimum: 20 }),
  ))
    it(name, run);

  it("trips at the threshold, not above it only", () => {
    const results = window(0.5);
    expect([
      results.success(0, 0),
      results.success(0, 0),
      results.failure(0, 0),
      results.failure(0, 0),
    ]).toEqual([false, false, false, true]);
  });

  it("waits for the minimum", () => {
    const results = window(0.01, { minimum: 3 });
    expect([1, 2, 3].map(() => results.failure(0, 0))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("lets results go a bucket at a time", () => {
    const results = window(1, { buckets: 10 });
    results.failure(0, 0);
    results.failure(100, 0);
    expect(results.counts(999).failures).toBe(2);
    expect(results.counts(1_000).failures).toBe(1);
    expect(results.counts(1_100).failures).toBe(0);
  });

  it("names the option, the value and the bound of what it refuses", () => {
    expect(() => window(0)).toThrow("threshold must be a number");
    expect(() => window(1.1)).toThrow("threshold must be a number");
    expect(() => window(0.5, { minimum: 0 })).toThrow(
      "minimum must be an integer of at least 1, got 0",
    );
    expect(() => window(0.5, { window: 0 })).toThrow("window must be");
    expect(() => window(0.5, { window: Infinity })).toThrow("window must be");
    expect(() => window(0.5, { buckets: 0 })).toThrow(
      "buckets must be an integer from 1 to 1000",
    );
  });
});
