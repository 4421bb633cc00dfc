/**
 * Shows what the next release would be, without touching this tree and without asking a registry about our names: in a
 * copy, `changeset version` and then `pnpm -r publish --dry-run`.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { toolEnvironment, toolFile } from "./tools.ts";
import { publishedPackages, readManifest, root } from "./workspace.ts";

/** Copies what git knows or would add, and the built packages. */
const copyTree = (folder: string): void => {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  const files = listed
    .split("\0")
    .filter((file) => existsSync(join(root, file)));
  const built = publishedPackages().map(({ directory }) => `${directory}/dist`);
  for (const file of [...files.filter(Boolean), ...built])
    cpSync(join(root, file), join(folder, file), { recursive: true });
};

/** A registry on loopback that has no package yet. */
const startEmptyRegistry = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
};

const run = async (
  folder: string,
  command: string,
  ...words: readonly string[]
): Promise<void> => {
  console.log(`\n$ ${[command.split("/").at(-1), ...words].join(" ")}`);
  const child = spawn(command, words, {
    cwd: folder,
    env: toolEnvironment,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ${words.join(" ")} fails`);
};

const dryRun = async (folder: string, registry: string): Promise<void> => {
  await run(
    root,
    toolFile("turbo"),
    "run",
    "build",
    "--output-logs=errors-only",
  );
  copyTree(folder);
  const scope = `--config.@dp:registry=${registry}`;
  await run(folder, "git", "init", "--quiet");
  await run(folder, "git", "add", "--all");
  await run(
    folder,
    "git",
    ...["-c", "user.name=dry", "-c", "user.email=dry@localhost"],
    ...["commit", "--quiet", "--message", "the tree to release"],
  );
  await run(folder, "pnpm", "install", "--offline", "--ignore-scripts");
  await run(folder, "pnpm", "exec", "changeset", "version");
  await run(folder, "pnpm", "install", "--offline", "--lockfile-only");
  await run(
    folder,
    "pnpm",
    "--recursive",
    "publish",
    "--dry-run",
    "--no-git-checks",
    scope,
  );
};

const folder = mkdtempSync(join(tmpdir(), "dp-release-"));
const registry = await startEmptyRegistry();
try {
  const { port } = registry.address() as AddressInfo;
  await dryRun(folder, `http://127.0.0.1:${port}/`);
  const versions = new Set(
    publishedPackages().map(
      ({ directory }) => readManifest(directory, folder).version,
    ),
  );
  if (versions.size !== 1)
    throw new Error(`not one version for all: ${[...versions].join(", ")}`);
  console.log(`\nthe next release is ${[...versions].join("")}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
}
