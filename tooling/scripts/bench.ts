/** `pnpm bench <name>`: builds what the benchmarks need and becomes `apps/lab/src/<name>/bench.ts`. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { become, buildFor } from "./run-app.ts";
import { root } from "./workspace.ts";

const lab = "apps/lab/src";
const benchFile = (name: string): string => `${lab}/${name}/bench.ts`;

const names = readdirSync(join(root, lab)).filter((name) =>
  existsSync(join(root, benchFile(name))),
);
const [name, ...words] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  const problem =
    name === undefined ? "Name a benchmark" : `No benchmark ${name}`;
  const list = names.length > 0 ? names.join(", ") : "none yet";
  console.error(`${problem}: pnpm bench <name>. There are: ${list}.`);
  process.exitCode = 1;
} else {
  // A peer that cannot be had is not fatal: the benchmark says which one is missing.
  if (name === "gateway")
    spawnSync(
      process.execPath,
      [join(root, "tooling/services/src/install.ts"), "bench"],
      { stdio: "inherit" },
    );
  buildFor("@dp/lab");
  become(benchFile(name), words);
}
