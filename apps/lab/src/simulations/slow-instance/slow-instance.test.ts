import { beforeAll, describe, expect, it } from "vitest";
import {
  balancerNames,
  leastRequestInTheory,
  roundRobinInTheory,
  slowInstance,
  type BalancerName,
  type SlowInstanceFigures,
} from "./slow-instance.ts";

const figures = new Map<BalancerName, readonly SlowInstanceFigures[]>();
beforeAll(() => {
  for (const name of balancerNames)
    figures.set(
      name,
      [1, 2].map((seed) => slowInstance(name, seed)),
    );
});

const of = (name: BalancerName): readonly SlowInstanceFigures[] =>
  figures.get(name) ?? [];

describe("one of eleven instances that is too slow for half a minute", () => {
  it("fails its share of all requests under roundRobin: 95.45 % succeed", () => {
    for (const { succeeded, slowShare } of of("roundRobin")) {
      expect(Math.abs(succeeded - roundRobinInTheory)).toBeLessThan(0.001);
      expect(slowShare).toBeCloseTo(1 / 11, 2);
    }
  });

  it("gets as many as it gives up under leastRequest: 99.2 % succeed", () => {
    for (const { succeeded, backAfterS } of of("leastRequest")) {
      expect(Math.abs(succeeded - leastRequestInTheory)).toBeLessThan(0.001);
      expect(backAfterS).toBeLessThanOrEqual(1);
    }
  });

  it("gets less under powerOfTwo, for which a failure goes on counting", () => {
    for (const { succeeded, backAfterS } of of("powerOfTwo")) {
      expect(succeeded).toBeGreaterThan(0.998);
      expect(backAfterS).toBeLessThan(15);
    }
  });

  it("gets nearly nothing after the first second under peakEwma: 99.9 % succeed", () => {
    for (const { succeeded, picks, backAfterS } of of("peakEwma")) {
      expect(succeeded).toBeGreaterThan(0.999);
      expect(Math.max(...picks.slice(16, 45))).toBeLessThanOrEqual(10);
      expect(backAfterS).toBeGreaterThan(3);
      expect(backAfterS).toBeLessThan(20);
    }
  });

  it("gets nothing after the first second under prequal, nor for some seconds afterwards", () => {
    for (const { succeeded, picks, backAfterS } of of("prequal")) {
      expect(succeeded).toBeGreaterThan(0.999);
      expect(Math.max(...picks.slice(16, 45))).toBeLessThanOrEqual(10);
      expect(backAfterS).toBeGreaterThan(3);
      expect(backAfterS).toBeLessThan(30);
    }
  });

  it("shows in the tail as the timeout unless latency is looked at", () => {
    for (const name of balancerNames) {
      const [{ p999Ms } = { p999Ms: NaN }] = of(name);
      if (name === "peakEwma" || name === "prequal")
        expect(p999Ms).toBeLessThan(200);
      else expect(p999Ms).toBe(1_000);
    }
  });

  it("is picked as often for the same seed", () => {
    expect(slowInstance("peakEwma", 1)).toEqual(of("peakEwma")[0]);
  });
});

describe("the theory of the least loaded", () => {
  it("gives the figure worked out by hand: 16.4 in flight each, of 1,000 a second", () => {
    expect(leastRequestInTheory).toBeCloseTo(1 - (16.43 * 30) / 60_000, 4);
  });
});
