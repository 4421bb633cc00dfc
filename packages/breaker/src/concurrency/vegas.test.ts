import { describe, expect, it } from "vitest";
import { vegas } from "../index.ts";
import { limitSuite } from "../testing/index.ts";

const half = (): number => 0.5;

describe("a Vegas limit", () => {
  for (const { name, run } of limitSuite((bounds) =>
    vegas({ ...bounds, random: half }),
  ))
    it(name, run);

  /** Feeds times, the first of which is the shortest, and gives the limit after each. */
  const limits = (initial: number, times: readonly number[]): number[] => {
    const algorithm = vegas({ initial, max: 1_000, random: half });
    return times.map((rttMs) => {
      algorithm.sample({ rttMs, inFlight: initial, dropped: false });
      return algorithm.limit;
    });
  };

  it("goes by its estimate of how many calls are queued", () => {
    // One step is log10 of the limit, 1 here; queued: 20 * (1 - 10 / rtt), rounded up.
    expect(limits(20, [10, 10])).toEqual([20, 26]);
    expect(limits(20, [10, 10.5])).toEqual([20, 26]);
    expect(limits(20, [10, 11])).toEqual([20, 21]);
    expect(limits(20, [10, 13])).toEqual([20, 20]);
    expect(limits(20, [10, 20])).toEqual([20, 19]);
    // One step is 2 here.
    expect(limits(100, [10, 10])).toEqual([100, 112]);
    expect(limits(100, [10, 20])).toEqual([100, 98]);
  });

  it("falls by one step after a drop, whose time does not count as the shortest", () => {
    const algorithm = vegas({ initial: 20, random: half });
    algorithm.sample({ rttMs: 10, inFlight: 20, dropped: false });
    algorithm.sample({ rttMs: 0.2, inFlight: 20, dropped: true });
    expect(algorithm.limit).toBe(19);
    algorithm.sample({ rttMs: 10, inFlight: 20, dropped: false });
    expect(algorithm.limit).toBe(25);
  });

  it("measures the shortest time anew after 15 to 30 times as many calls as the limit", () => {
    const callsUntilGrowth = (random: () => number): number => {
      const algorithm = vegas({ initial: 10, min: 10, max: 20, random });
      algorithm.sample({ rttMs: 1, inFlight: 10, dropped: false });
      // Three times slower for good: held down until that counts as the shortest.
      for (let calls = 1; calls < 1_000; calls++) {
        algorithm.sample({ rttMs: 3, inFlight: 10, dropped: false });
        if (algorithm.limit > 10) return calls;
      }
      return Infinity;
    };
    expect(callsUntilGrowth(() => 0)).toBe(150);
    expect(callsUntilGrowth(() => 1 - Number.EPSILON)).toBe(300);
  });
});
