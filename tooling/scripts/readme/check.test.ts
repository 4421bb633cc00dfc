import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPrograms } from "./check.ts";
import type { Program } from "./programs.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-readme-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (code: string, rest: Partial<Program> = {}): Program => ({
  place: "a.md:3",
  code,
  runs: true,
  output: undefined,
  ...rest,
});

describe("checkPrograms", () => {
  it("is content with a program that prints what the README says", async () => {
    const good = program("const a: number = 1;\nconsole.log(a);\n", {
      output: "1\n",
    });
    expect(await checkPrograms([good], folder)).toEqual([]);
  });

  it("shows what is printed beside what the README says", async () => {
    const faults = await checkPrograms(
      [program("console.log('two');\n", { output: "one\n" })],
      folder,
    );
    expect(faults).toEqual([
      "a.md:3 prints\n    two\n  where the README says\n    one",
    ]);
  });

  it("names the block of a type error, also in a block that is not run", async () => {
    const faults = await checkPrograms(
      [program("\nconst a: number = 'x';\n", { runs: false })],
      folder,
    );
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain("a.md:3 (line 2 of the block): error TS2322");
  });

  it("shows why a program failed", async () => {
    const faults = await checkPrograms(
      [program("throw new Error('no such luck');\n")],
      folder,
    );
    expect(faults[0]).toContain("a.md:3 fails:");
    expect(faults[0]).toContain("no such luck");
  });
});
