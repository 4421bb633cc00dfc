import { describe, expect, it } from "vitest";
import { candidatesOf } from "../candidates.ts";
import {
  atLeast,
  extremesOf,
  fill,
  fullest,
  wayNames,
  type Way,
} from "./bins.ts";
import { fullestInTheory, sharesInTheory } from "./theory.ts";

describe("as many requests as instances, none of which ends", () => {
  it.each([
    { bins: 256, seeds: 20, chance: [4, 7], two: [2, 4] },
    { bins: 4_096, seeds: 20, chance: [5, 8], two: [3, 4] },
    { bins: 65_536, seeds: 3, chance: [6, 9], two: [3, 4] },
  ])(
    "fill the fullest of $bins to $chance by chance, to $two as the emptier of two",
    ({ bins, seeds, chance, two }) => {
      const check = (way: Way, range: readonly number[]): void => {
        const { least, most } = fullest(way, bins, seeds);
        expect(least).toBeGreaterThanOrEqual(range[0]!);
        expect(most).toBeLessThanOrEqual(range[1]!);
        const theory = fullestInTheory(way, bins);
        expect(Math.abs(least - theory)).toBeLessThanOrEqual(1);
      };
      check("by chance", chance);
      check("the emptier of two", two);
    },
  );

  it.each(wayNames)(
    "leave the shares of instances that theory says: %s",
    (way) => {
      const bins = 16_384;
      const shares = atLeast(fill(way, candidatesOf(bins), bins, 1));
      for (const [place, share] of sharesInTheory(way).entries()) {
        // Four deviations of a count that chance decides.
        const allowed = 4 * Math.sqrt(Math.max(share, 1 / bins) / bins);
        expect(Math.abs((shares[place] ?? 0) - share)).toBeLessThan(allowed);
      }
    },
  );
});

describe("a hundred thousand requests on ten instances", () => {
  const bins = candidatesOf(10);

  it.each([1, 2, 3, 4, 5])(
    "differ by hundreds by chance, and by a handful as the emptier of two: seed %i",
    (seed) => {
      const chance = extremesOf(fill("by chance", bins, 100_000, seed));
      expect(chance.most - chance.least).toBeGreaterThan(100);
      // Four deviations: 95 each.
      expect(chance.least).toBeGreaterThan(9_620);
      expect(chance.most).toBeLessThan(10_380);
      const two = extremesOf(fill("the emptier of two", bins, 100_000, seed));
      expect(two.least).toBeGreaterThanOrEqual(9_995);
      expect(two.most).toBeLessThanOrEqual(10_003);
    },
  );
});

describe("the theory", () => {
  it("gives Poisson's distribution by chance, and Mitzenmacher's shares for two choices", () => {
    const chance = sharesInTheory("by chance");
    expect(chance[0]).toBeCloseTo(1 - Math.exp(-1), 5);
    expect(chance[1]).toBeCloseTo(1 - 2 * Math.exp(-1), 5);
    const two = sharesInTheory("the emptier of two");
    // ds/dt = 1 - s² ends in tanh 1.
    expect(two[0]).toBeCloseTo(Math.tanh(1), 5);
    expect(two[2]).toBeCloseTo(0.0089, 4);
    expect(two[3]).toBeLessThan(1e-5);
  });
});
