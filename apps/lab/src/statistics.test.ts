import { describe, expect, it } from "vitest";
import { median, pairedRatios } from "./statistics.ts";

describe("median", () => {
  it("is the middle value in numeric order", () => {
    expect(median([100, 9, 20])).toBe(20);
  });

  it("is not moved by one bad round", () => {
    expect(median([300, 100, 90_000, 200, 150])).toBe(200);
  });

  it("is the mean of the two middle values of an even number", () => {
    expect(median([4, 1, 100, 2])).toBe(3);
  });

  it("leaves the list as it was", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("is not defined for nothing", () => {
    expect(() => median([])).toThrow("no values");
  });
});

describe("pairedRatios", () => {
  it("divides what belongs to the same round", () => {
    expect(pairedRatios([2, 30, 8], [1, 10, 2])).toEqual([2, 3, 4]);
  });

  it("does not see a round in which the whole machine was slow", () => {
    expect(pairedRatios([2, 2000, 2], [1, 1000, 1])).toEqual([2, 2, 2]);
  });

  it("refuses rounds that have no partner", () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow("2 rounds with 1");
  });
});
