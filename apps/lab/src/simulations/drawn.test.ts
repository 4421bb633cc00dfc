import { readFileSync, readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Exhibit } from "./exhibit.ts";
import { runAll } from "./exhibits.ts";
import { pictureFolder, picturesOf, tableText } from "./pictures.ts";

const toMend = "run `pnpm --filter @dp/lab draw`";
const readme = readFileSync(
  new URL("../../README.md", import.meta.url),
  "utf8",
);

let shown: readonly Exhibit[] = [];
beforeAll(async () => {
  shown = await runAll();
});

/** Table rows without the spaces that make columns line up. */
const rowsOf = (markdown: string): string[] =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replace(/ *\| */g, "|").replace(/-{2,}/g, "-"));

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
    const kept = rowsOf(readme).join("\n");
    for (const exhibit of shown) {
      const rows = rowsOf(tableText(exhibit)).join("\n");
      expect(
        kept.includes(rows),
        `${exhibit.name}: ${toMend} and put its table into the README:\n${tableText(exhibit)}`,
      ).toBe(true);
    }
  });
});
