import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { toolEnvironment, toolFile } from "./tools.ts";
import { root } from "./workspace.ts";

/** Builds every package that an app depends on; ends this process when that fails. */
export const buildFor = (app: string): void => {
  console.log("building what has changed …");
  const { status, stdout, stderr } = spawnSync(
    toolFile("turbo"),
    ["run", "build", `--filter=${app}^...`, "--output-logs=errors-only"],
    { cwd: root, env: toolEnvironment, encoding: "utf8" },
  );
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exit(status ?? 1);
};

/** Replaces this process by a program of this repository: same id, same terminal, nothing in between. */
export const become = (file: string, words: readonly string[]): never => {
  if (process.execve === undefined)
    throw new Error("this needs a system with execve: Linux or macOS");
  process.removeAllListeners("warning");
  return process.execve(
    process.execPath,
    [process.execPath, join(root, file), ...words],
    process.env,
  );
};
