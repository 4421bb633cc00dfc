import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { targetsOf } from "./entries.ts";
import { toolEnvironment } from "../tools.ts";
import type { Manifest, WorkspacePackage } from "../workspace.ts";
import { root } from "../workspace.ts";

export interface Tarball {
  readonly file: string;
  /** The manifest as it is published. */
  readonly manifest: Manifest;
  /** Every file in it, relative to the package. */
  readonly files: readonly string[];
  readonly read: (file: string) => string;
}

/** Packs a package exactly as it would be published. */
export const pack = (
  { directory }: WorkspacePackage,
  destination: string,
): Tarball => {
  const { status, stdout, stderr } = spawnSync(
    "pnpm",
    ["pack", "--json", "--pack-destination", destination],
    { cwd: join(root, directory), env: toolEnvironment, encoding: "utf8" },
  );
  if (status !== 0)
    throw new Error(`pnpm pack fails in ${directory}:\n${stdout}${stderr}`);
  const { filename } = JSON.parse(stdout) as { filename: string };
  const tar = (...words: readonly string[]): string =>
    execFileSync("tar", words, { encoding: "utf8", maxBuffer: 2 ** 28 });
  const prefix = "package/";
  const read = (file: string): string => tar("-xOzf", filename, prefix + file);
  return {
    file: filename,
    manifest: JSON.parse(read("package.json")) as Manifest,
    files: tar("-tzf", filename)
      .split("\n")
      .filter((line) => line.startsWith(prefix))
      .map((line) => line.slice(prefix.length)),
    read,
  };
};

const required = ["README.md", "LICENSE", "package.json"];
const allowed =
  /^(README|DESIGN|CHANGELOG)\.md$|^LICENSE$|^package\.json$|^dist\//;
const testCode = /\.test\.|(^|\/)tests?\//;

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/** A map whose sources are neither in it nor in the tarball shows a debugger nothing. */
const mapFault = ({ read, files }: Tarball, file: string): string[] => {
  const { sources, sourcesContent } = JSON.parse(read(file)) as SourceMap;
  const lost = sources.filter(
    (source, index) =>
      typeof sourcesContent?.[index] !== "string" && !files.includes(source),
  );
  return lost.length === 0 ? [] : [`${file} does not hold ${lost.join(", ")}`];
};

/** What is wrong with the content of a tarball, one text each. */
export const contentFaults = (tarball: Tarball): readonly string[] => {
  const { manifest, files, read } = tarball;
  const has = (target: string): boolean =>
    files.includes(target.replace(/^\.\//, ""));
  const bins = Object.values(manifest.bin ?? {});
  const needs = Object.entries(manifest.dependencies ?? {});
  return [
    ...required
      .filter((file) => !has(file))
      .map((file) => `${file} is missing`),
    ...files
      .filter((file) => !allowed.test(file) || testCode.test(file))
      .map((file) => `${file} does not belong into the package`),
    ...targetsOf(manifest)
      .filter(({ target }) => !has(target))
      .map(
        ({ subpath, condition, target }) =>
          `exports["${subpath}"].${condition} leads to ${target}, which is not there`,
      ),
    ...bins
      .filter(
        (bin) => !has(bin) || !read(bin.replace(/^\.\//, "")).startsWith("#!"),
      )
      .map((bin) => `bin ${bin} is no program`),
    ...needs
      .filter(([, range]) => range.startsWith("workspace:"))
      .map(([name, range]) => `depends on ${name} ${range}`),
    ...files
      .filter((file) => file.endsWith(".map"))
      .flatMap((file) => mapFault(tarball, file)),
  ].map((fault) => `${manifest.name}: ${fault}`);
};
