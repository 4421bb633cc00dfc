import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { toolEnvironment, toolFile } from "../tools.ts";
import { root } from "../workspace.ts";
import { blocks, type Block } from "./blocks.ts";
import { title, type TaskResult } from "./task.ts";
import {
  type PlannedTask,
  plannedTasks,
  resultsOf,
  type TurboTask,
} from "./turbo-tasks.ts";

const plan = (names: readonly string[]): readonly PlannedTask[] => {
  const { status, stdout, stderr } = spawnSync(
    toolFile("turbo"),
    ["run", ...names, "--dry-run=json"],
    { cwd: root, env: toolEnvironment, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`turbo cannot plan the run:\n${stderr}`);
  const { tasks } = JSON.parse(stdout) as { tasks: readonly TurboTask[] };
  return plannedTasks(tasks, names);
};

const takeSummary = (file: string): readonly TurboTask[] => {
  const { tasks } = JSON.parse(readFileSync(file, "utf8")) as {
    tasks: readonly TurboTask[];
  };
  rmSync(file);
  return tasks;
};

const logFileOf = ({ logFile }: PlannedTask): string | undefined =>
  logFile === undefined ? undefined : join(root, logFile);

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Prints a finished task's line, and what it said if it failed. */
const announce = (task: PlannedTask, block: Block): void => {
  // turbo opens the log when the task starts, and prints the block when it ends.
  const logFile = logFileOf(task);
  const startMs =
    logFile !== undefined && existsSync(logFile)
      ? statSync(logFile).birthtimeMs
      : undefined;
  const time = startMs === undefined ? "" : seconds(Date.now() - startMs);
  console.log(
    `${block.failed ? "FAILED" : "ok    "} ${time.padStart(8)}  ${title(task)}`,
  );
  if (block.failed)
    console.log(block.lines.map((line) => `         | ${line}`).join("\n"));
};

/**
 * Runs turbo tasks and prints one line for each that was not answered from the cache. What failed keeps nothing from
 * running but the tasks that need it. Resolves to every planned task with how it went.
 */
export const runTasks = async (
  names: readonly string[],
  concurrency: number,
): Promise<readonly TaskResult[]> => {
  const planned = plan(names);
  if (planned.length === 0) return [];
  for (const logFile of planned.map(logFileOf))
    if (logFile !== undefined) rmSync(logFile, { force: true });
  const byId = new Map(planned.map((task) => [task.id, task]));
  const child = spawn(
    toolFile("turbo"),
    [
      ...["run", ...names, `--concurrency=${concurrency}`, "--summarize"],
      ...["--continue=dependencies-successful", "--output-logs=full"],
      ...["--log-order=grouped", "--log-prefix=task"],
    ],
    { cwd: root, env: toolEnvironment, stdio: ["ignore", "pipe", "pipe"] },
  );
  let cachedCount = 0;
  const reader = blocks(planned, (id, block) => {
    const task = byId.get(id);
    if (task === undefined) return;
    if (block.cached) cachedCount++;
    else announce(task, block);
  });
  child.stdout.setEncoding("utf8").on("data", reader.output);
  child.stderr.setEncoding("utf8").on("data", reader.errors);
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  const rest = reader.end();
  if (cachedCount > 0)
    console.log(`ok              ${cachedCount} tasks answered from the cache`);
  if (rest.summaryFile === undefined)
    throw new Error(`turbo did not run:\n${rest.other.join("\n")}`);
  return resultsOf(planned, takeSummary(rest.summaryFile));
};
