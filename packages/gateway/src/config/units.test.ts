import { describe, expect, it } from "vitest";
import { percentShare, rateParts, sizeBytes } from "./units.ts";

describe("units", () => {
  it("resolve sizes to whole bytes", () => {
    expect(sizeBytes(7)).toBe(7);
    expect(sizeBytes("7b")).toBe(7);
    expect(sizeBytes("64kb")).toBe(65_536);
    expect(sizeBytes("1.5mb")).toBe(1_572_864);
    expect(sizeBytes("2gb")).toBe(2_147_483_648);
    expect(sizeBytes("0.0001kb")).toBe(0);
  });

  it("resolve percentages to shares", () => {
    expect(percentShare("50%")).toBe(0.5);
    expect(percentShare("12.5%")).toBe(0.125);
    expect(percentShare("250%")).toBe(2.5);
  });

  it("resolve rates to a count and a time", () => {
    expect(rateParts("100/s")).toEqual({ limit: 100, perMs: 1_000 });
    expect(rateParts("6/m")).toEqual({ limit: 6, perMs: 60_000 });
    expect(rateParts("5/h")).toEqual({ limit: 5, perMs: 3_600_000 });
    expect(rateParts("4/d")).toEqual({ limit: 4, perMs: 86_400_000 });
  });
});
