/**
 * `pnpm faults`: plants mistakes in copies of the packages and looks whether their tests find them, package by package;
 * `pnpm faults <package>…`: in those alone. Words from the first option on are handed to them. Exits 1 if one goes
 * unnoticed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { toolEnvironment } from "./tools.ts";
import { root } from "./workspace.ts";

const faultsFile = (name: string): string =>
  join(root, `packages/${name}/test/faults/main.ts`);

const names = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(faultsFile(name)),
);
const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => word.startsWith("-"));
const wanted = firstOption === -1 ? words : words.slice(0, firstOption);
const unknown = wanted.find((name) => !names.includes(name));

if (unknown !== undefined) {
  const list = names.join(", ");
  console.error(
    `No faults for ${unknown}: pnpm faults [<package>…]. There are: ${list}.`,
  );
  process.exitCode = 1;
} else
  for (const name of wanted.length > 0 ? wanted : names) {
    console.log(`@dp/${name}`);
    const { status } = spawnSync(
      process.execPath,
      [faultsFile(name), ...words.slice(wanted.length)],
      { env: toolEnvironment, stdio: "inherit" },
    );
    if (status !== 0) process.exitCode = 1;
  }
