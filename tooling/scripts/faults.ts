/**
 * `pnpm faults`: plants mistakes in copies of the packages and looks whether their tests find them, package by package;
 * `pnpm faults <package>…`: in those alone; `--only probe`: mistakes with that in their name. A package whose tests are
 * not the ones to find them has a program of its own, which is handed all words from the first option on. Exits 1 if one
 * goes unnoticed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { plantFaults, type Fault } from "./faults/plant.ts";
import { toolEnvironment } from "./tools.ts";
import { root } from "./workspace.ts";

const fileOf = (name: string, file: string): string =>
  join(root, `packages/${name}/test/faults/${file}.ts`);

const names = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(fileOf(name, "faults")),
);
const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => word.startsWith("-"));
const wanted = firstOption === -1 ? words : words.slice(0, firstOption);
const options = words.slice(wanted.length);
const unknown = wanted.find((name) => !names.includes(name));

const runOwn = (name: string): boolean =>
  spawnSync(process.execPath, [fileOf(name, "main"), ...options], {
    env: toolEnvironment,
    stdio: "inherit",
  }).status === 0;

const plant = async (name: string): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: { only: { type: "string", default: "" } },
  });
  const { faults } = (await import(
    pathToFileURL(fileOf(name, "faults")).href
  )) as { readonly faults: readonly Fault[] };
  return plantFaults(
    name,
    faults.filter((fault) => fault.name.includes(values.only)),
  );
};

if (unknown !== undefined) {
  const list = names.join(", ");
  console.error(
    `No faults for ${unknown}: pnpm faults [<package>…]. There are: ${list}.`,
  );
  process.exitCode = 1;
} else
  for (const name of wanted.length > 0 ? wanted : names) {
    console.log(`@dp/${name}`);
    const isFine = existsSync(fileOf(name, "main"))
      ? runOwn(name)
      : await plant(name);
    if (!isFine) process.exitCode = 1;
  }
