import { describe, expect, it } from "vitest";
import { costRatio, figure, thresholds, type Row } from "./results.ts";

const measured = (name: string, costs: readonly number[]): Row => ({
  name,
  title: name,
  accessLog: false,
  outcome: {
    state: "measured",
    turns: costs.map((cpuUsPerRequest) => ({
      requests: 1,
      cpuUsPerRequest,
      rps: 1e6 / cpuUsPerRequest,
      p50Ms: 1,
      p99Ms: 2,
      busy: 1,
      others: 0,
    })),
  },
});

const missing = (name: string): Row => ({
  name,
  title: name,
  accessLog: false,
  outcome: { state: "missing", reason: "not here" },
});

const holds = (rows: readonly Row[]) =>
  thresholds(rows).map((threshold) => threshold.holds);

describe("figure", () => {
  it("is the median over the turns", () => {
    expect(figure(measured("a", [30, 10, 20]), "cpuUsPerRequest")).toBe(20);
  });

  it("is not there for a row that was not measured", () => {
    expect(figure(missing("a"), "rps")).toBeUndefined();
  });
});

describe("costRatio", () => {
  const rows = [
    measured("floor", [10, 100, 10]),
    measured("dp", [15, 300, 17]),
  ];

  it("pairs the turns of the same round", () => {
    expect(costRatio(rows, "dp", "floor")).toEqual({
      median: 1.7,
      lowest: 1.5,
      highest: 3,
    });
  });

  it("is not there without the base", () => {
    expect(costRatio(rows, "dp", "nginx")).toBeUndefined();
    expect(
      costRatio([...rows, missing("nginx")], "dp", "nginx"),
    ).toBeUndefined();
  });
});

describe("thresholds", () => {
  it("hold at their bounds", () => {
    expect(
      holds([
        measured("floor", [10]),
        measured("dp", [19]),
        measured("fast-proxy", [47.5]),
      ]),
    ).toEqual([true, true]);
  });

  it("do not hold beyond them", () => {
    expect(
      holds([
        measured("floor", [10]),
        measured("dp", [19.1]),
        measured("fast-proxy", [47.5]),
      ]),
    ).toEqual([false, false]);
  });

  it("are not decided without both rows", () => {
    expect(holds([measured("floor", [10]), missing("dp")])).toEqual([
      undefined,
      undefined,
    ]);
  });
});
