/**
 * Everything that must hold before a change is merged, in one command: `pnpm test`. Its last line is
 * `N passed, N failed`; the exit code is 1 when anything failed.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { reportFile, tally, type TestReport } from "./verify/tally.ts";
import { title, type TaskResult } from "./verify/task.ts";
import { runTasks } from "./verify/turbo.ts";
import { readManifest, root, workspaceDirectories } from "./workspace.ts";

const checks = Object.keys(
  readManifest("tooling/scripts").scripts ?? {},
).filter((name) => name.startsWith("check:"));
const interrupted = "interrupted";

const installServices = (): boolean =>
  spawnSync(
    process.execPath,
    [join(root, "tooling/services/src/install.ts"), "test"],
    { stdio: "inherit" },
  ).status === 0;

const reportOf = (task: TaskResult): TestReport | undefined => {
  try {
    const file = join(root, task.directory, reportFile(task.name));
    return JSON.parse(readFileSync(file, "utf8")) as TestReport;
  } catch {
    return undefined;
  }
};

/**
 * Groups of tasks, one after the other, two at a time. What kills processes comes after all other tests; each task
 * kills its own. The demo's check waits more than it works, so the checks of the repository go beside it.
 */
const groups = [
  { names: ["lint", "types", "test", "build", "package"], at: 2 },
  { names: ["test:alone", "check", ...checks], at: 2 },
];

/** What failed apart from tasks: one line each. */
const faults: string[] = [];
const results: TaskResult[] = [];

// A Ctrl-C reaches turbo too; this process stays until turbo has put its tasks away.
process.on("SIGINT", () => {
  if (faults.at(-1) !== interrupted) faults.push(interrupted);
});

const started = performance.now();
// A report left by an earlier run must not be counted for a task that wrote none.
for (const directory of workspaceDirectories())
  rmSync(join(root, directory, ".results"), { recursive: true, force: true });

if (!installServices()) faults.push("the servers for the tests are missing");
try {
  for (const { names, at } of groups)
    results.push(...(await runTasks(names, at)));
} catch (error) {
  console.log(error);
  faults.push("turbo did not run");
}

const sum = tally(results, reportOf);
const failed = sum.failed + faults.length;
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
const slowest = results
  .filter((task) => !task.cached && task.seconds >= 1)
  .sort((left, right) => right.seconds - left.seconds)
  .slice(0, 5)
  .map((task) => `${title(task)} ${task.seconds.toFixed(0)} s`);
console.log(`\n${results.length} tasks in ${minutes} min`);
if (slowest.length > 0) console.log(`slowest: ${slowest.join(", ")}`);
if (sum.skipped > 0) console.log(`${sum.skipped} tests skipped`);
for (const failure of [...sum.failures, ...faults])
  console.log(`FAILED ${failure}`);
if (process.env["DP_SKIP_SERVICES"] === "1")
  console.log(
    "DP_SKIP_SERVICES=1: tests on real Redis, etcd and PostgreSQL were skipped",
  );
console.log(`${sum.passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || sum.passed === 0 ? 1 : 0;
