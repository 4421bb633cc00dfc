import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../..");

/** A value that appears in `exports`: a target or conditions that lead to one. */
export type ExportTarget =
  string | { readonly [condition: string]: ExportTarget };

export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly engines?: { readonly node?: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Relative to the root, as `packages/core`. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** The package.json of a folder, in this tree or a copy of it. */
export const readManifest = (
  directory: string,
  tree: string = root,
): Manifest =>
  JSON.parse(
    readFileSync(join(tree, directory, "package.json"), "utf8"),
  ) as Manifest;

/** The packages that are published: every folder of `packages/` that is not private. */
export const publishedPackages = (): readonly WorkspacePackage[] =>
  readdirSync(join(root, "packages"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}`)
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
    .filter(({ manifest }) => manifest.private !== true);

/** Every folder with a package.json below `packages/`, `apps/` and `tooling/`. */
export const workspaceDirectories = (): readonly string[] =>
  ["packages", "apps", "tooling"]
    .flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
    )
    .filter((directory) => existsSync(join(root, directory, "package.json")));
