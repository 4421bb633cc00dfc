import { describe, expect, it } from "vitest";
import { bounds, boundsTable, ratioOf, type Bound } from "./bounds.ts";
import { rowsOf, type Row } from "./report.ts";
import type { Subject } from "./subjects/subject.ts";

const rowsFrom = (costs: Readonly<Record<string, number[]>>): Row[] =>
  rowsOf(
    Object.entries(costs).map(([full, rounds]) => {
      const by = full.split(" ", 1)[0] as Subject["by"];
      const name = full.slice(by.length + 1);
      const prepare = () => () => undefined;
      return { subject: { by, name, kind: "call", prepare }, rounds };
    }),
  );

const rows = rowsFrom({
  "baseline no guard": [100, 200, 100],
  "@dp/breaker mine": [150, 250, 900],
  "cockatiel theirs": [200, 400, 300],
  "opossum theirs": [900, 900, 900],
});
const bound: Bound = {
  row: "@dp/breaker mine",
  against: ["cockatiel theirs", "opossum theirs"],
  of: "added",
  most: 0.6,
};

describe("a bound of the breaker benchmark", () => {
  it("compares within each round, with the cheapest peer, and takes the median", () => {
    // 50/100, 50/200 and 800/200.
    expect(ratioOf(bound, rows)).toBe(0.5);
    // 150/200, 250/400 and 900/300.
    expect(ratioOf({ ...bound, of: "whole" }, rows)).toBe(0.75);
  });

  it("is never left out in silence when a row is missing", () => {
    expect(() => ratioOf({ ...bound, row: "@dp/breaker gone" }, rows)).toThrow(
      'no row "@dp/breaker gone"',
    );
  });

  it("is printed with what was measured and whether that holds", () => {
    const all = bounds.flatMap(({ row, against }) => [row, ...against]);
    const costs = Object.fromEntries(all.map((name) => [name, [100]]));
    const table = boundsTable(
      rowsFrom({ ...costs, "baseline no guard": [50] }),
    ).split("\n");
    expect(table).toHaveLength(2 + bounds.length);
    expect(table[2]).toBe(
      "| @dp/breaker breaker failureRate, added | 1.000 | cockatiel sampling | 0.600 | NOT held |",
    );
    expect(table[4]).toBe(
      "| @dp/breaker permit consecutive, whole | 2.000 | baseline no guard | 0.350 | NOT held |",
    );
  });
});
