import { describe, expect, it } from "vitest";
import { seededRandom } from "@dp/core";
import {
  exponentialTime,
  meanOf,
  normal,
  quantileOf,
} from "./distributions.ts";

const draws = (draw: () => number): number[] =>
  Array.from({ length: 20_000 }, draw);

describe("a normal variate", () => {
  it("has the mean, the deviation and the shares it should", () => {
    const random = seededRandom(1);
    const values = draws(() => normal(random, 10, 2));
    const mean = meanOf(values);
    const variance = meanOf(values.map((value) => (value - mean) ** 2));
    const within = values.filter((value) => Math.abs(value - 10) < 2).length;
    expect(mean).toBeCloseTo(10, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
    expect(within / values.length).toBeCloseTo(0.683, 1);
  });
});

describe("an exponential time", () => {
  it("has the mean and the median it should", () => {
    const random = seededRandom(2);
    const values = draws(() => exponentialTime(random, 1));
    expect(meanOf(values)).toBeCloseTo(1, 1);
    expect(quantileOf(values, 0.5)).toBeCloseTo(Math.LN2, 1);
  });
});

describe("a quantile", () => {
  it("is the smallest value that enough values do not exceed", () => {
    expect(quantileOf([5, 1, 3, 2, 4], 0.5)).toBe(3);
    expect(quantileOf([5, 1, 3, 2, 4], 1)).toBe(5);
    expect(quantileOf([5, 1, 3, 2, 4], 0)).toBe(1);
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});
