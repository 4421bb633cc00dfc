import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors.ts";
import { Histogram, latencyBoundsSeconds } from "./histogram.ts";

describe("a histogram", () => {
  it("counts a value equal to a bound in that bound's bucket", () => {
    const histogram = new Histogram([1, 2]);
    for (const value of [0.5, 1, 1.5, 2, 2.5]) histogram.observe(value);
    expect(histogram.sample()).toEqual({
      labels: {},
      value: 5,
      buckets: [
        { le: 1, count: 2 },
        { le: 2, count: 4 },
      ],
      sum: 7.5,
    });
  });

  it("agrees with counting by hand", () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1 })
      .map((each) => each.sort((a, b) => a - b));
    const values = fc.array(fc.integer({ min: -30, max: 30 }));
    fc.assert(
      fc.property(bounds, values, (les, observed) => {
        const histogram = new Histogram(les);
        for (const value of observed) histogram.observe(value);
        expect(histogram.sample()).toEqual({
          labels: {},
          value: observed.length,
          buckets: les.map((le) => ({
            le,
            count: observed.filter((value) => value <= le).length,
          })),
          sum: observed.reduce((sum, value) => sum + value, 0),
        });
      }),
    );
  });

  it("carries the labels it is asked for", () => {
    expect(new Histogram([1]).sample({ route: "/a" }).labels).toEqual({
      route: "/a",
    });
  });

  it("has latency bounds in seconds unless given others", () => {
    const sample = new Histogram().sample();
    expect(sample.buckets?.map(({ le }) => le)).toEqual(latencyBoundsSeconds);
  });

  it("does not count NaN, and counts infinite values at the ends", () => {
    const histogram = new Histogram([1]);
    histogram.observe(NaN);
    expect(histogram.sample()).toMatchObject({ value: 0, sum: 0 });
    histogram.observe(-Infinity);
    expect(histogram.sample().buckets).toEqual([{ le: 1, count: 1 }]);
    histogram.observe(Infinity);
    expect(histogram.sample()).toMatchObject({
      value: 2,
      buckets: [{ le: 1, count: 1 }],
    });
  });

  it("gives samples that later values do not change", () => {
    const histogram = new Histogram([1]);
    const before = histogram.sample();
    histogram.observe(1);
    expect(before.value).toBe(0);
  });

  it("keeps its own copy of the bounds", () => {
    const bounds = [1, 2];
    const histogram = new Histogram(bounds);
    bounds[0] = 100;
    histogram.observe(1.5);
    expect(histogram.sample().buckets?.[0]).toEqual({ le: 1, count: 0 });
  });

  it.each([
    [[]],
    [[1, 1]],
    [[2, 1]],
    [[NaN]],
    [[1, NaN]],
    [[1, Infinity]],
    [[-Infinity, 1]],
  ])("refuses the bounds %j", (bounds) => {
    expect(() => new Histogram(bounds)).toThrow(InvalidOptionError);
  });
});
