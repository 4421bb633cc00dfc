import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolFile } from "../tools.ts";
import type { Program } from "./programs.ts";
import { faultOf, runFile } from "./run.ts";

/** The options a README's code is checked with: a strict consumer that sees what is published, not the sources. */
const tsconfig = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    typeRoots: [join(import.meta.dirname, "../../../node_modules/@types")],
    moduleDetection: "force",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ["*.ts"],
};

const fileOf = (index: number): string => `block-${index}.ts`;

/** Names the README's file and line in place of the scratch file that tsc saw. */
const withPlaces = (text: string, programs: readonly Program[]): string =>
  text.replaceAll(
    /block-(\d+)\.ts\((\d+),(\d+)\)/g,
    (_, index: string, line: string) =>
      `${programs[Number(index)]?.place ?? ""} (line ${line} of the block)`,
  );

/**
 * Type-checks and runs programs in `folder`, which is emptied first and from where the packages must be found. Returns
 * what is wrong, one text each.
 */
export const checkPrograms = async (
  programs: readonly Program[],
  folder: string,
): Promise<readonly string[]> => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (programs.length === 0) return [];
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  programs.forEach(({ code }, index) =>
    writeFileSync(join(folder, fileOf(index)), code),
  );
  const faults: string[] = [];
  const types = spawnSync(toolFile("tsc"), ["-p", ".", "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (types.status !== 0)
    faults.push(withPlaces(types.stdout + types.stderr, programs).trim());
  for (const [index, program] of programs.entries()) {
    if (!program.runs) continue;
    const run = await runFile(process.execPath, folder, [fileOf(index)]);
    const fault = faultOf(program, run);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
};
