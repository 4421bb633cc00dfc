import { describe, expect, it } from "vitest";
import { boundsTable, measuredOf, type Bound } from "./bounds.ts";
import type { Row } from "./table.ts";

const row = (name: string, series: Row["series"]): Row => ({
  name,
  about: "",
  series,
});

const rows = [
  row("mine", { ns: [150, 300, 900], bytes: [150, 190, 120] }),
  row("theirs", { ns: [600, 1_500, 1_800] }),
];
const of = { row: "mine", figure: "ns" };
const faster: Bound = {
  what: "theirs, x mine",
  of: { row: "theirs", figure: "ns" },
  against: of,
  least: 4,
};

const lastLine = (bound: Bound): string | undefined =>
  boundsTable([bound], rows).split("\n").at(-1);

describe("a bound", () => {
  it("is the median of the ratios within each round", () => {
    // 600/150, 1500/300 and 1800/900.
    expect(measuredOf(faster, rows)).toBe(4);
  });

  it("is the worst figure where rounds are no repetitions", () => {
    const bytes = { row: "mine", figure: "bytes" };
    const bound: Bound = { what: "bytes", of: bytes, take: "worst" };
    expect(measuredOf(bound, rows)).toBe(190);
  });

  it("is held at what is promised, and not beyond", () => {
    expect(lastLine(faster)).toBe(
      "| theirs, x mine | 4.00 | at least 4 | held |",
    );
    expect(lastLine({ ...faster, least: 4.1 })).toMatch(/\| NOT held \|$/);
    const most: Bound = { what: "mine", of, most: 300 };
    expect(lastLine(most)).toBe("| mine | 300.00 | at most 300 | held |");
    expect(lastLine({ ...most, most: 299 })).toMatch(/\| NOT held \|$/);
  });

  it("is not held by a figure that is no number", () => {
    const broken = [row("mine", { ns: [Number.NaN] })];
    expect(boundsTable([{ what: "mine", of, most: 1 }], broken)).toContain(
      "| NOT held |",
    );
  });
});
