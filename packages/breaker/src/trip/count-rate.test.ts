import { describe, expect, it } from "vitest";
import { tripSuite } from "../testing/trip-suite.ts";
import { countRate } from "./count-rate.ts";

describe("a trip on the last results", () => {
  for (const { name, run } of tripSuite(() =>
    countRate(0.5, { last: 20, minimum: 10 }),
  ))
    it(name, run);

  it("trips at the threshold, not above it only", () => {
    const results = countRate(0.5, { last: 10, minimum: 4 }).create();
    expect([
      results.success(0, 0),
      results.success(0, 0),
      results.failure(0, 0),
      results.failure(0, 0),
    ]).toEqual([false, false, false, true]);
  });

  it("lets the oldest result go for every new one, however far apart in time", () => {
    const results = countRate(1, { last: 3, minimum: 3 }).create();
    results.success(0, 0);
    results.failure(86_400_000, 0);
    expect(results.failure(2 * 86_400_000, 0)).toBe(false);
    expect(results.failure(3 * 86_400_000, 0)).toBe(true);
    expect(results.counts(0)).toEqual({ total: 3, successes: 0, failures: 3 });
  });

  it("names the option, the value and the bound of what it refuses", () => {
    expect(() => countRate(0, { last: 10, minimum: 1 })).toThrow(
      "threshold must be a number",
    );
    expect(() => countRate(1, { last: 0, minimum: 1 })).toThrow(
      "last must be an integer from 1 to 1000000, got 0",
    );
    expect(() => countRate(1, { last: 10, minimum: 11 })).toThrow(
      "minimum must be an integer from 1 to 10, got 11",
    );
  });
});
