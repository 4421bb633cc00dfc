import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-breaker-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly error: string;
}

/** Runs the program. `reads`: whether anybody reads what it prints. */
const run = async (
  args: readonly string[],
  input = "",
  reads = true,
): Promise<Ended> => {
  const child = spawn(process.execPath, [
    ...["--conditions=@dp/source", main],
    ...args,
  ]);
  let [out, error] = ["", ""];
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (error += text));
  if (reads)
    child.stdout
      .setEncoding("utf8")
      .on("data", (text: string) => (out += text));
  else child.stdout.destroy();
  // It may end before it has read everything.
  child.stdin.on("error", () => undefined).end(input);
  const [code] = (await once(child, "close")) as unknown[];
  return { code, out, error };
};

const log = Array.from({ length: 6_000 }, (_, index) => ({
  atMs: index * 100,
  durationMs: 30,
  outcome: index >= 2_000 && index < 2_600 ? "failure" : "success",
}))
  .map((call) => JSON.stringify(call))
  .join("\n");

const config = (): string =>
  write(
    "breakers.json",
    JSON.stringify({
      configurations: [
        { name: "quick", trip: { consecutive: 5 }, openFor: "10s" },
        { name: "slow to judge", trip: { consecutive: 1_000 } },
      ],
    }),
  );

describe("the program dp-breaker", () => {
  it("replays a log from a file and from standard input alike, and draws it", async () => {
    const file = write("calls.ndjson", log);
    const svg = join(folder, "states.svg");
    const args = ["--config", config(), "--svg", svg];
    const [fromFile, fromInput] = await Promise.all([
      run(["replay", file, ...args]),
      run(["replay", "-", "--config", config()], log),
    ]);
    expect(fromFile).toEqual(fromInput);
    expect(fromFile).toMatchObject({ code: 0, error: "" });
    expect(fromFile.out).toMatch(
      /^6000 calls in 9 min 59 s .* 600 failed \(10 %\)\n/,
    );
    expect(fromFile.out).toMatch(/quick +1 +1 min /);
    expect(fromFile.out).toContain("slow to judge would never have opened");
    expect(readFileSync(svg, "utf8")).toContain("quick: opened once");
  });

  it("ends with 2 and one line about bad input", async () => {
    const args = ["replay", "-", "--config", config()];
    const { code, out, error } = await run(args, `${log}\n{}`);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toBe(
      "dp-breaker: standard input: line 6001: atMs must be a number from 0 to 8640000000000000, got undefined\n",
    );
  });

  it("ends quietly when nobody reads on", async () => {
    const args = ["replay", "-", "--json", "--config", config()];
    expect(await run(args, log, false)).toEqual({
      code: 0,
      out: "",
      error: "",
    });
  });

  it.skipIf(!existsSync("/dev/full"))(
    "ends with 2 and says so when its report could not be written",
    async () => {
      const full = openSync("/dev/full", "w");
      const child = spawn(
        process.execPath,
        ["--conditions=@dp/source", main, "--help"],
        { stdio: ["ignore", full, "pipe"] },
      );
      closeSync(full);
      let error = "";
      (child.stderr as Readable)
        .setEncoding("utf8")
        .on("data", (text: string) => (error += text));
      const [code] = (await once(child, "close")) as unknown[];
      expect([code, error]).toEqual([
        2,
        "dp-breaker: standard output: ENOSPC: no space left on device, write\n",
      ]);
    },
  );

  it("says how it is used", async () => {
    const { code, out } = await run(["--help"]);
    expect([code, out.slice(0, 6)]).toEqual([0, "Usage:"]);
  });
});
