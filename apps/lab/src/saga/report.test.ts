import { describe, expect, it } from "vitest";
import { ratioOf, tableOf, type Figures } from "./report.ts";

const figures = (name: string, rates: readonly number[]): Figures => ({
  name,
  inFlight: 32,
  rates,
  latencies: rates.map(() => 1),
});

describe("the saga benchmark's report", () => {
  const floor = figures("bare journal", [100, 50, 200]);
  const ours = figures("ours", [50, 30, 80]);

  it("compares each round with the floor of the same round", () => {
    expect(ratioOf(ours, [floor, ours])).toBe(0.5);
    expect(ratioOf(floor, [floor, ours])).toBe(1);
  });

  it("shows what was not counted as nothing", () => {
    const [, , row] = tableOf([floor]).split("\n");
    expect(row).toBe("| 32 | bare journal | 100 | 1.00 | 1.00 |  |  |");
  });
});
