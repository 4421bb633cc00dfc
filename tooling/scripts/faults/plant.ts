import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "../workspace.ts";

/** A mistake that somebody could make in a package: one place of a file, and what would stand there. */
export interface Fault {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly right: string;
  readonly wrong: string;
  /** The test that has to find it, below the package. @defaultValue any, but those with servers */
  readonly test?: string;
}

/** No tests of a package take longer. */
const longestMs = 180_000;

const vitest = join(root, "node_modules/vitest/vitest.mjs");

/** Property tests draw the same traces in every run, so that a mistake found today is found tomorrow. */
const settings = `
import fc from "fast-check";
import { mergeConfig } from "vitest/config";
import own from "./vitest.config.ts";
export default mergeConfig(own, { test: { setupFiles: ["./same-seed.ts"] } });
`;
const sameSeed = `
import fc from "fast-check";
fc.configureGlobal({ seed: 1 });
`;

/** What of the JSON report matters here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
    }[];
  }[];
}

/** A copy of the package and its tests, with the mistake in it, in a folder that looks like this repository. */
const copyWith = (name: string, fault: Fault | undefined): string => {
  const folder = mkdtempSync(join(tmpdir(), "dp-fault-"));
  const packageFolder = join(root, "packages", name);
  const copy = join(folder, "packages", name);
  mkdirSync(copy, { recursive: true });
  for (const part of ["src", "test", "package.json"])
    cpSync(join(packageFolder, part), join(copy, part), { recursive: true });
  if (fault?.test === undefined)
    rmSync(join(copy, "test/integration"), { recursive: true, force: true });
  symlinkSync(join(packageFolder, "node_modules"), join(copy, "node_modules"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  cpSync(join(root, "vitest.config.ts"), join(folder, "vitest.config.ts"));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }\n`);
  writeFileSync(join(folder, "faults.config.ts"), settings);
  writeFileSync(join(folder, "same-seed.ts"), sameSeed);
  if (fault === undefined) return folder;
  const file = join(copy, "src", fault.file);
  const parts = readFileSync(file, "utf8").split(fault.right);
  if (parts.length !== 2)
    throw new Error(
      `fault "${fault.name}": ${fault.file} has its place ${parts.length - 1} times, not once`,
    );
  writeFileSync(file, parts.join(fault.wrong));
  return folder;
};

/** The first test that failed, if one did. */
const search = (folder: string, test: string): string | undefined => {
  const report = join(folder, "report.json");
  const { status, error, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[vitest, "run", test, "--config", "faults.config.ts", "--bail", "1"],
      // One process for all files: nothing in them is shared but the code, and starting is most of the time.
      ...["--no-isolate", "--reporter", "json", "--outputFile", report],
    ],
    { cwd: folder, encoding: "utf8", timeout: longestMs },
  );
  if (status === 0) return undefined;
  // A mistake may make a loop spin, which no limit within the process can end.
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT")
    return `${test}: never ends`;
  const { testResults } =
    status === 1
      ? (JSON.parse(readFileSync(report, "utf8")) as Report)
      : { testResults: [] };
  for (const { name, assertionResults } of testResults)
    for (const { status: ending, fullName } of assertionResults)
      if (ending === "failed")
        return `${relative(join(folder, "packages"), name)}: ${fullName}`;
  throw new Error(
    `the tests broke: ${String(status)} ${(stdout + stderr).slice(-2_000)}`,
  );
};

const searchWith = (
  name: string,
  fault: Fault | undefined,
): string | undefined => {
  const folder = copyWith(name, fault);
  try {
    return search(folder, join("packages", name, fault?.test ?? ""));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/**
 * Makes each mistake in a copy of the package and looks whether the test it names finds it, or else any test that needs
 * no server. Says so line by line; false if a mistake goes unnoticed, or if the package as it is does not pass.
 */
export const plantFaults = (
  name: string,
  faults: readonly Fault[],
): boolean => {
  const own = searchWith(name, undefined);
  console.log(`the package as it is: ${own ?? "passes"}`);
  if (own !== undefined) return false;
  let isFine = true;
  for (const fault of faults) {
    const found = searchWith(name, fault);
    if (found === undefined) isFine = false;
    console.log(
      `${found === undefined ? "MISSED" : "found "} ${fault.name}: ${found ?? "by no test"}`,
    );
  }
  return isFine;
};
