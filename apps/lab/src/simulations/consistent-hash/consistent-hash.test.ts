import { describe, expect, it } from "vitest";
import { meanOf } from "../distributions.ts";
import { meanUnevenness, ringUnevenness, unevennessOfTen } from "./arcs.ts";
import { hashings, keysLeaving, keysOf, maglevLeaving } from "./leaving.ts";

describe("a Maglev table of 65,537 slots", () => {
  it.each([
    { instances: 5, least: 0.0003, most: 0.002 },
    { instances: 10, least: 0.0012, most: 0.004 },
    { instances: 100, least: 0.0045, most: 0.0065 },
    { instances: 1_000, least: 0.0045, most: 0.0065 },
  ])(
    "gives no instance two slots more than another, and moves little of the others' when one leaves: $instances",
    ({ instances, least, most }) => {
      const { spread, moved } = maglevLeaving(instances, 5);
      expect(spread).toBe(1);
      expect(meanOf(moved)).toBeGreaterThan(least);
      expect(meanOf(moved)).toBeLessThan(most);
    },
  );

  it("moves at a thousand instances several times what must move", () => {
    const { moved } = maglevLeaving(1_000, 2);
    const all = 0.001 + 0.999 * meanOf(moved);
    expect(all / 0.001).toBeGreaterThan(5.5);
    expect(all / 0.001).toBeLessThan(7.5);
  });

  it("moves keys as it moves slots", () => {
    const moved = keysLeaving(hashings.maglev, 100, keysOf(20_000));
    // 116 of 19,800 keys by chance: five deviations.
    expect(Math.abs(moved - 0.0058)).toBeLessThan(0.0027);
  });
});

describe("a ring, and rendezvous", () => {
  it.each([5, 10, 100, 1_000])(
    "move nothing but what must move when one of %i leaves",
    (instances) => {
      const keys = keysOf(2_000);
      expect(keysLeaving(hashings.ringHash, instances, keys)).toBe(0);
      expect(keysLeaving(hashings.rendezvous, instances, keys)).toBe(0);
    },
  );
});

describe("the greatest of ten shares of a ring", () => {
  it.each([
    { points: 1, within: 0.25 },
    { points: 100, within: 0.03 },
    { points: 1_000, within: 0.01 },
  ])(
    "comes down with the root of the points: $points",
    ({ points, within }) => {
      const mean = meanUnevenness(10, points, 20);
      const off = (mean - 1) / (unevennessOfTen(points) - 1) - 1;
      expect(Math.abs(off)).toBeLessThan(0.15);
      expect(Math.abs(mean - unevennessOfTen(points))).toBeLessThan(within);
    },
  );

  it("is above 1.3 on no ring of twenty with a hundred points for each", () => {
    expect(Math.max(...ringUnevenness(10, 100, 20))).toBeLessThan(1.3);
  });
});
