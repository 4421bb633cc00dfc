import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Latencies } from "./latencies.ts";

describe("the times of calls", () => {
  it("have the quantile of a sorted list, too long by a twentieth at most, whatever time does", () => {
    const step = fc.record({
      byMs: fc.oneof(fc.nat(300), fc.constantFrom(-50, 0, 5_000, 1e9)),
      elapsedMs: fc.double({ min: 0.02, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 80 }),
        fc.constantFrom(0.01, 0.5, 0.9, 0.95, 1),
        // Where a clock has its zero point is its own affair.
        fc.constantFrom(0, -5_000, 1e12),
        (steps, q, startMs) => {
          const latencies = new Latencies(1_200, q);
          const list: { slice: number; elapsedMs: number }[] = [];
          let now = startMs;
          let newest = -Infinity;
          for (const { byMs, elapsedMs } of steps) {
            now += byMs;
            newest = Math.max(newest, Math.floor(now / 200));
            latencies.add(elapsedMs, now);
            list.push({ slice: newest, elapsedMs });
            const held = list
              .filter(({ slice }) => slice > newest - 6)
              .map((each) => each.elapsedMs)
              .toSorted((left, right) => left - right);
            expect(latencies.total(now)).toBe(held.length);
            const exact = held[Math.ceil(q * held.length) - 1] as number;
            const read = latencies.quantile(now);
            expect(read).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
            expect(read).toBeLessThanOrEqual(exact * 1.05 * (1 + 1e-9));
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("are read anew when a hundredth of them is new", () => {
    const latencies = new Latencies(1_000, 1);
    for (let count = 0; count < 1_000; count++) latencies.add(10, 0);
    const before = latencies.quantile(0);
    latencies.add(10_000, 0);
    expect(latencies.quantile(0)).toBe(before);
    for (let count = 0; count < 11; count++) latencies.add(10, 0);
    expect(latencies.quantile(0)).toBeGreaterThan(9_999);
  });

  it("go into the outer classes where they are beyond all, and none is lost", () => {
    for (const [share, low, high] of [
      [0.5, 0.01, 0.011],
      [1, 86_400_000, 91_000_000],
    ] as const) {
      const latencies = new Latencies(1_000, share);
      for (const elapsedMs of [0, -1, NaN, Infinity, 1e300])
        latencies.add(elapsedMs, 0);
      expect(latencies.total(0)).toBe(5);
      expect(latencies.quantile(0)).toBeGreaterThan(low);
      expect(latencies.quantile(0)).toBeLessThan(high);
    }
  });
});
