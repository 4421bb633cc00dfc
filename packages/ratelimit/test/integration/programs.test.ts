import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/** What a program of the README prints. */
const outputOf = async (name: string): Promise<string> => {
  const file = fileURLToPath(
    new URL(`../programs/${name}.ts`, import.meta.url),
  );
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@dp/source", file],
    { timeout: 20_000 },
  );
  return stdout;
};

describe("the program for", () => {
  it.each([
    [
      "node-http",
      '200 "api";r=1;t=1 null\n200 "api";r=0;t=1 null\n429 "api";r=0;t=1 1\n',
    ],
    ["express", '200 "api";r=1;t=1\n'],
    ["fastify", '200 "all";r=99;t=60, "search";r=9;t=54\n'],
    ["hono", '200 "user";r=99;t=60\n'],
  ])("%s says what the README says", async (name, output) => {
    expect(await outputOf(name)).toBe(output);
  });

  it.each(["node-http", "express", "fastify", "hono"])(
    "%s is shown in the README as it is",
    (name) => {
      const read = (path: string): string =>
        readFileSync(new URL(path, import.meta.url), "utf8");
      const kind = name === "node-http" ? "ts run" : "ts";
      const program = read(`../programs/${name}.ts`);
      expect(read("../../README.md")).toContain(
        `\`\`\`${kind}\n${program}\`\`\``,
      );
    },
  );
});
