/**
 * Uses the packages as a stranger would: packs them, installs all tarballs at once into an empty project, imports and
 * requires every entry, compiles against the declarations and runs the README programs, on this Node and on the oldest
 * one the packages promise to support.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createProject,
  declarationFaults,
  installNode,
  runtimeFaults,
} from "./packed/project.ts";
import { contentFaults, pack } from "./packed/tarball.ts";
import { publishedPackages } from "./workspace.ts";

/** `22.13.x` for `>=22.13`; every package promises the same. */
const oldestNode = (engines: readonly (string | undefined)[]): string => {
  const promises = new Set(engines);
  const version = /^>=(\d+\.\d+)$/.exec([...promises][0] ?? "")?.[1];
  if (promises.size !== 1 || version === undefined)
    throw new Error(
      `engines.node must be one ">=major.minor" for all packages, not ${[...promises].join(", ")}`,
    );
  return `${version}.x`;
};

const check = async (folder: string): Promise<readonly string[]> => {
  const packages = publishedPackages();
  const tarballs = packages.map((entry) => pack(entry, folder));
  const faults = tarballs.flatMap(contentFaults);
  // What a tarball lacks would be complained about again in every way to use it.
  if (faults.length > 0) return faults;
  const project = join(folder, "project");
  createProject(project, tarballs);
  faults.push(...declarationFaults(project, tarballs));
  const engines = packages.map(({ manifest }) => manifest.engines?.node);
  const nodes = [
    process.execPath,
    installNode(join(folder, "oldest"), oldestNode(engines)),
  ];
  for (const node of nodes) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" });
    const found = await runtimeFaults(project, node, tarballs);
    faults.push(...found.map((fault) => `on Node ${version.trim()}: ${fault}`));
    console.log(`${tarballs.length} packages used on Node ${version.trim()}`);
  }
  return faults;
};

const folder = mkdtempSync(join(tmpdir(), "dp-packed-"));
try {
  const faults = await check(folder);
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
