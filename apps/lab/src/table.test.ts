import { describe, expect, it } from "vitest";
import { named, ratioOf, tableOf, type Row } from "./table.ts";

const rows: readonly Row[] = [
  {
    name: "bare",
    about: "a boolean",
    series: { allowedNs: [100, 200, 100], bytesPerKey: [166, 148] },
  },
  {
    name: "takeSync",
    about: "a decision",
    series: { allowedNs: [150, 300, 900], bytesPerKey: [169, 110] },
  },
];

describe("a table of figures", () => {
  it("compares within each round", () => {
    // 150/100, 300/200 and 900/100.
    expect(ratioOf([150, 300, 900], [100, 200, 100])).toBe(1.5);
  });

  it("shows medians, ratios to the first row, and every count of bytes", () => {
    const table = tableOf(rows, [
      { figure: "allowedNs", title: "allowed, ns", digits: 0, ratio: true },
      { figure: "bytesPerKey", title: "bytes a key", digits: 0, each: true },
    ]);
    expect(table.split("\n")).toEqual([
      "|  | allowed, ns | x bare | bytes a key | what it gives |",
      "| --- | --: | --: | --: | --- |",
      "| bare | 100 | 1.00 | 166 / 148 | a boolean |",
      "| takeSync | 300 | 1.50 | 169 / 110 | a decision |",
    ]);
  });

  it("leaves nothing out in silence", () => {
    expect(() => named(rows, "gone")).toThrow('no row "gone"');
    expect(() =>
      tableOf(rows, [{ figure: "refusedNs", title: "", digits: 0 }]),
    ).toThrow('no refusedNs of "bare"');
  });
});
