import { describe, expect, it } from "vitest";
import { tripSuite } from "../testing/trip-suite.ts";
import { anyOf } from "./any-of.ts";
import { consecutive } from "./consecutive.ts";
import { slowRate, type SlowRateOptions } from "./slow-rate.ts";

const window = (threshold: number, options: Partial<SlowRateOptions> = {}) =>
  slowRate(threshold, {
    over: 100,
    window: 1_000,
    minimum: 4,
    ...options,
  }).create();

describe("a trip on slow calls", () => {
  // Alone it is tripped by no number of quick failures, which the suite asks for.
  for (const { name, run } of tripSuite(() =>
    anyOf(
      slowRate(0.5, { over: 1, window: "10s", minimum: 20 }),
      consecutive(50),
    ),
  ))
    it(name, run);

  it("counts a call that takes as long as the limit, whether it succeeds or fails", () => {
    const calls = window(0.5);
    expect([
      calls.success(0, 99),
      calls.failure(0, 99),
      calls.success(0, 100),
      calls.failure(0, 5_000),
    ]).toEqual([false, false, false, true]);
  });

  it("is not tripped by failures that are quick", () => {
    const calls = window(0.01);
    for (let time = 0; time < 100; time++)
      expect(calls.failure(time, 5)).toBe(false);
    expect(calls.counts(99).failures).toBe(100);
  });

  it("lets slow calls go with the window", () => {
    const calls = window(0.5, { minimum: 2 });
    calls.success(0, 200);
    expect(calls.success(1_000, 200)).toBe(false);
  });

  it("watches calls under way unless told not to", () => {
    expect(window(1).flights).toBeDefined();
    expect(window(1, { inFlight: false }).flights).toBeUndefined();
  });

  it("trips at the moment at which enough calls under way have become slow", () => {
    const { flights } = window(0.5, { minimum: 2 });
    flights?.begin(0);
    flights?.begin(30);
    flights?.begin(500);
    expect(flights?.trippedMs(129)).toBeUndefined();
    expect(flights?.trippedMs(10_000)).toBe(130);
  });

  it("says how many were slow, ended and under way", () => {
    const calls = window(0.5, { minimum: 9 });
    calls.success(0, 100);
    calls.success(0, 1);
    calls.flights?.begin(0);
    calls.flights?.trippedMs(100);
    expect(calls.describe?.(100)).toEqual({
      text: "50 % calls of 100 ms or longer among at least 9 in 1000 ms",
      data: {
        slowRate: 0.5,
        overMs: 100,
        minimum: 9,
        windowMs: 1_000,
        slow: 1,
        slowUnderWay: 1,
      },
      found: "1 of 2 calls and 1 under way took 100 ms or longer",
    });
  });

  it("names the option, the value and the bound of what it refuses", () => {
    expect(() => window(2)).toThrow("threshold must be a number");
    expect(() => window(1, { over: 0 })).toThrow(
      "over must be a duration of at least 1 ms, got 0",
    );
    expect(() => window(1, { window: Infinity })).toThrow("window must be");
    expect(() => window(1, { minimum: 0 })).toThrow("minimum must be");
    expect(() => window(1, { buckets: 1.5 })).toThrow("buckets must be");
  });
});
