import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { programsIn } from "../readme/programs.ts";
import { faultOf, runFile } from "../readme/run.ts";
import { toolEnvironment, toolFile } from "../tools.ts";
import { specifiersOf } from "./entries.ts";
import type { Tarball } from "./tarball.ts";

/** Where the consumer's npm would look our names up: a port that nothing listens on. */
const nowhere = "http://127.0.0.1:9/";

/** npm, with what it needs taken from its cache where it can be. Returns what it said about its requests. */
const npmInstall = (folder: string, words: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(
    "npm",
    [
      ...["install", "--prefer-offline", "--no-audit", "--no-fund"],
      ...["--loglevel=http", ...words],
    ],
    { cwd: folder, env: toolEnvironment, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`npm install fails:\n${stdout}${stderr}`);
  return stdout + stderr;
};

/** Makes an empty project and installs all tarballs into it with one command. */
export const createProject = (
  folder: string,
  tarballs: readonly Tarball[],
): void => {
  mkdirSync(folder);
  const dependencies = Object.fromEntries(
    tarballs.map(({ manifest, file }) => [manifest.name, `file:${file}`]),
  );
  // Without the overrides npm asks the registry for the packages that ours depend on, tarball beside it or not.
  const overrides = Object.fromEntries(
    tarballs.map(({ manifest: { name } }) => [name, `$${name}`]),
  );
  const manifest = { private: true, type: "module", dependencies, overrides };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, ".npmrc"), `@dp:registry=${nowhere}\n`);
  const said = npmInstall(folder, ["--ignore-scripts", "--fetch-retries=0"]);
  if (said.includes(nowhere))
    throw new Error(`npm looked a name of ours up:\n${said}`);
};

/** Installs a version of Node from its package and returns the program. */
export const installNode = (folder: string, version: string): string => {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"private":true}\n');
  npmInstall(folder, [`node@${version}`]);
  return join(folder, "node_modules/node/bin/node");
};

const isJson = (specifier: string): boolean => specifier.endsWith(".json");

/** Loads every entry both ways and complains when one is empty or the two ways differ. */
const loader = (specifiers: readonly string[]): string => `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const names = (value) => Object.keys(value).filter((name) => name !== "default" && name !== "module.exports").sort().join();
let faults = 0;
for (const specifier of ${JSON.stringify(specifiers)}) {
  const json = specifier.endsWith(".json");
  const imported = json ? (await import(specifier, { with: { type: "json" } })).default : await import(specifier);
  const required = require(specifier);
  if (names(imported) === names(required) && names(imported) !== "") continue;
  console.log(\`\${specifier} exports <\${names(imported)}> to import and <\${names(required)}> to require\`);
  faults++;
}
process.exitCode = faults > 0 ? 1 : 0;
`;

/** Type-checks a consumer of every entry: strict, nodenext, es2022, declarations checked too, no @types/node. */
const typeFaults = (
  folder: string,
  specifiers: readonly string[],
): readonly string[] => {
  const imports = specifiers.map((specifier, index) =>
    isJson(specifier)
      ? `import e${index} from "${specifier}" with { type: "json" };`
      : `import * as e${index} from "${specifier}";`,
  );
  const uses = specifiers.map((_, index) => `e${index}`).join(", ");
  writeFileSync(
    join(folder, "consumer.ts"),
    `${imports.join("\n")}\nexport const entries: readonly unknown[] = [${uses}];\n`,
  );
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: [],
    noEmit: true,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["consumer.ts"] }),
  );
  const { status, stdout } = spawnSync(
    toolFile("tsc"),
    ["-p", ".", "--pretty", "false"],
    { cwd: folder, encoding: "utf8" },
  );
  return status === 0 ? [] : [`a consumer does not compile:\n${stdout.trim()}`];
};

/** Runs each package's README programs, as JavaScript, because the oldest Node does not strip types. */
const readmeFaults = async (
  folder: string,
  node: string,
  { manifest, read, files }: Tarball,
): Promise<readonly string[]> => {
  if (!files.includes("README.md")) return [];
  const place = `${manifest.name}/README.md`;
  const programs = programsIn(place, read("README.md"));
  const faults: string[] = [];
  for (const program of programs.filter(({ runs }) => runs)) {
    const { outputText } = ts.transpileModule(program.code, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
      },
    });
    writeFileSync(join(folder, "readme.mjs"), outputText);
    const fault = faultOf(program, await runFile(node, folder, ["readme.mjs"]));
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
};

const binFaults = async (
  folder: string,
  node: string,
  { manifest }: Tarball,
): Promise<readonly string[]> => {
  const faults: string[] = [];
  for (const [name, target] of Object.entries(manifest.bin ?? {})) {
    const program = join("node_modules", manifest.name, target);
    const run = await runFile(node, folder, [program, "--help"]);
    if (!run.ok || run.output === "")
      faults.push(`${name} --help fails:\n${run.errors}${run.output}`);
  }
  return faults;
};

/** Uses the installed packages with one Node and returns what is wrong, one text each. */
export const runtimeFaults = async (
  folder: string,
  node: string,
  tarballs: readonly Tarball[],
): Promise<readonly string[]> => {
  const specifiers = tarballs.flatMap(({ manifest }) => specifiersOf(manifest));
  writeFileSync(join(folder, "load.mjs"), loader(specifiers));
  const loaded = await runFile(node, folder, ["load.mjs"]);
  const faults = loaded.ok ? [] : [loaded.output + loaded.errors];
  for (const tarball of tarballs) {
    faults.push(...(await readmeFaults(folder, node, tarball)));
    faults.push(...(await binFaults(folder, node, tarball)));
  }
  return faults;
};

/** What a consumer's compiler says about the declarations. */
export const declarationFaults = (
  folder: string,
  tarballs: readonly Tarball[],
): readonly string[] =>
  typeFaults(
    folder,
    tarballs.flatMap(({ manifest }) => specifiersOf(manifest)),
  );
