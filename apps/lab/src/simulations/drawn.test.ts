import { readFileSync, readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Exhibit } from "./exhibit.ts";
import { runAll } from "./exhibits.ts";
import { pictureFolder, picturesOf } from "./pictures.ts";
import { readmeFile, tableText, withTables } from "./tables.ts";

const toMend = "run `pnpm --filter @dp/lab draw`";
const readme = readFileSync(readmeFile, "utf8");

let shown: readonly Exhibit[] = [];
// All of them: a quarter of a minute of work, on a machine that may have other work.
beforeAll(async () => {
  shown = await runAll();
}, 180_000);

describe("the pictures of the simulations", () => {
  it("are what the simulations draw today", () => {
    const drawn = picturesOf(shown);
    expect(readdirSync(pictureFolder).toSorted(), toMend).toEqual(
      [...drawn.keys()].toSorted(),
    );
    for (const [name, svg] of drawn) {
      const kept = readFileSync(new URL(name, pictureFolder), "utf8");
      expect(kept === svg, `${name} is out of date: ${toMend}`).toBe(true);
    }
  });

  it("all stand in the README", () => {
    for (const name of picturesOf(shown).keys())
      expect(readme).toContain(`](pictures/${name})`);
  });
});

describe("the figures of the simulations in the README", () => {
  it("are what the simulations come to today", () => {
    for (const exhibit of shown)
      expect(readme, `${exhibit.name} is out of date: ${toMend}`).toContain(
        tableText(exhibit),
      );
  });
});

describe("a table in the README", () => {
  const exhibit: Exhibit = {
    name: "calls",
    table: [
      ["guard", "calls"],
      ["none", "1,000"],
      ["a breaker", "3"],
    ],
    charts: {},
  };
  const text = [
    "| guard     | calls |",
    "| --------- | ----: |",
    "| none      | 1,000 |",
    "| a breaker |     3 |",
  ].join("\n");

  it("lines up", () => {
    expect(tableText(exhibit)).toBe(text);
  });

  it("takes the place of the one with the same titles and leaves the rest", () => {
    const old =
      "# Lab\n\n| guard | calls |\n| --- | --: |\n| none | 7 |\n\nEnd\n";
    expect(withTables(old, [exhibit])).toBe(`# Lab\n\n${text}\n\nEnd\n`);
  });

  it("must be there", () => {
    expect(() => withTables("# Lab\n", [exhibit])).toThrow(
      "no table for calls",
    );
  });
});
