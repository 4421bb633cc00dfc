/**
 * Makes each known mistake in a copy of the engine and looks whether the simulation finds it: `--seeds 2000` worlds at
 * most for each. Exits 1 if a mistake goes unnoticed, or if the engine as it is does not pass.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { faults, type Fault } from "./faults.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "2000" } },
});
const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** A copy of the engine and its simulation, with the mistake in it. */
const copyWith = (fault: Fault | undefined): string => {
  const folder = mkdtempSync(join(tmpdir(), "dp-fault-"));
  for (const part of ["src", "test/simulation"])
    cpSync(join(packageFolder, part), join(folder, part), { recursive: true });
  symlinkSync(
    join(packageFolder, "node_modules"),
    join(folder, "node_modules"),
  );
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }\n`);
  if (fault === undefined) return folder;
  const file = join(folder, "src", fault.file);
  const parts = readFileSync(file, "utf8").split(fault.right);
  if (parts.length !== 2)
    throw new Error(
      `fault "${fault.name}": ${fault.file} has its place ${parts.length - 1} times, not once`,
    );
  writeFileSync(file, parts.join(fault.wrong));
  return folder;
};

/** The first thing the simulation found, if it found anything. */
const search = (fault: Fault | undefined): string | undefined => {
  const folder = copyWith(fault);
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        "--conditions=@dp/source",
        join(folder, "test/simulation/main.ts"),
        "--stop",
        "--seeds",
        values.seeds,
      ],
      { encoding: "utf8" },
    );
    if (status === 0) return undefined;
    const found =
      /VIOLATION (seed .*)/.exec(stdout)?.[1] ??
      /DP_SIMULATION: (seed [^;\n]*)/.exec(stderr)?.[1];
    if (found === undefined)
      throw new Error(`the simulation broke: ${stderr.slice(-2_000)}`);
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

let isFine = true;
const own = search(undefined);
if (own !== undefined) isFine = false;
console.log(
  `the engine as it is: ${own ?? `nothing found in ${values.seeds} seeds`}`,
);
for (const fault of faults) {
  const found = search(fault);
  if (found === undefined) isFine = false;
  console.log(
    `${found === undefined ? "MISSED" : "found "} ${fault.name}: ${found ?? `not in ${values.seeds} seeds`}`,
  );
}
process.exitCode = isFine ? 0 : 1;
