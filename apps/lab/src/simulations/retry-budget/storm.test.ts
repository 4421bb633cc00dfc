import { describe, expect, it } from "vitest";
import { boundedLoad, stormOf, unboundedLoad } from "./storm.ts";

describe("a storm of repeats", () => {
  it.each([0, 0.25, 0.5, 0.9, 1])(
    "loads the service as the closed form says when nothing bounds it: %f of attempts fail",
    async (failureShare) => {
      const { load } = await stormOf(failureShare);
      const expected = unboundedLoad(failureShare, 3);
      expect(Math.abs(load / expected - 1)).toBeLessThan(0.04);
    },
  );

  it.each([0.1, 0.2])(
    "adds at most the share that its budget allows: %f",
    async (ratio) => {
      for (const failureShare of [0.1, 0.5, 1]) {
        const { load } = await stormOf(failureShare, ratio);
        expect(load).toBeLessThanOrEqual(1 + ratio);
        expect(load).toBeLessThanOrEqual(boundedLoad(ratio, 50) * 1.01);
      }
    },
  );

  it.each([0, 50, 200])(
    "reaches the bound of its budget when everything fails, pauses counted: %i ms",
    async (pauseMs) => {
      const { load } = await stormOf(1, 0.2, pauseMs);
      expect(load - 1).toBeGreaterThan(0.85 * (boundedLoad(0.2, pauseMs) - 1));
      expect(load).toBeLessThanOrEqual(boundedLoad(0.2, pauseMs) * 1.01);
    },
  );

  it("is no reason to give up what fails now and then: a budget lets nearly all of it be repeated", async () => {
    const { load, succeeded } = await stormOf(0.05, 0.2);
    expect(succeeded).toBeGreaterThan(0.999);
    expect(load).toBeGreaterThan(1.04);
  });

  it("is the same for the same seed", async () => {
    expect(await stormOf(0.5, 0.2)).toEqual(await stormOf(0.5, 0.2));
  });
});

describe("the closed form", () => {
  it("gives the figures that are known", () => {
    expect(unboundedLoad(0.5, 3)).toBe(1.875);
    expect(unboundedLoad(0.9, 3)).toBeCloseTo(3.439, 10);
    expect(unboundedLoad(1, 3)).toBe(4);
    expect(unboundedLoad(0, 3)).toBe(1);
  });
});
