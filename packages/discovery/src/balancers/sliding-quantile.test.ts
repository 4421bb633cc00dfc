import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingQuantile } from "./sliding-quantile.ts";

describe("a sliding quantile", () => {
  it("is that of the last values, as sorting them finds it", () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });
    const shares = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 16 }),
        shares,
        (all, capacity, share) => {
          const quantile = new SlidingQuantile(capacity);
          for (const [index, value] of all.entries()) {
            quantile.push(value);
            const last = all
              .slice(Math.max(0, index + 1 - capacity), index + 1)
              .sort((a, b) => a - b);
            const naive = last.find(
              (each) =>
                last.filter((other) => other <= each).length >=
                share * last.length,
            );
            expect(quantile.at(share)).toBe(naive);
          }
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("is below everything while there is nothing, and at a share of nothing", () => {
    const quantile = new SlidingQuantile(4);
    expect(quantile.at(0.5)).toBe(-Infinity);
    quantile.push(3);
    expect(quantile.at(0)).toBe(-Infinity);
    expect(quantile.at(0.5)).toBe(3);
  });
});
