/**
 * Everything that must hold before a change is merged, in one command: `pnpm test`. Its last line is
 * `N passed, N failed`; the exit code is 1 when anything failed.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { reportFile, tally, type TestReport } from "./verify/tally.ts";
import type { TaskResult } from "./verify/task.ts";
import { runTasks } from "./verify/turbo.ts";
import { readManifest, root, workspaceDirectories } from "./workspace.ts";

const checks = Object.keys(
  readManifest("tooling/scripts").scripts ?? {},
).filter((name) => name.startsWith("check:"));
const skipped = process.env["DP_SKIP_SERVICES"] === "1";

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

/** Groups of tasks, one group after the other; only the first shares the machine between two tasks. */
const runEverything = async (): Promise<readonly TaskResult[]> => [
  ...(await runTasks(
    ["lint", "types", "test", "build", "package", ...checks],
    2,
  )),
  ...(await runTasks(["test:alone"], 1)),
  ...(await runTasks(["check"], 1)),
];

// A Ctrl-C reaches turbo too; this process stays until turbo has put its tasks away.
const interruption = new AbortController();
process.on("SIGINT", () => interruption.abort());

const started = performance.now();
// A report left by an earlier run must not be counted for a task that wrote none.
for (const directory of workspaceDirectories())
  rmSync(join(root, directory, ".results"), { recursive: true, force: true });

let passed = 0;
let failed = 0;
try {
  if (!installServices()) {
    failed++;
    console.log("FAILED to install the servers the tests need");
  }
  const results = await runEverything();
  const sum = tally(results, reportOf);
  passed += sum.passed;
  failed += sum.failed;
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  const slowest = results
    .filter((task) => !task.cached && task.seconds >= 1)
    .sort((left, right) => right.seconds - left.seconds)
    .slice(0, 5)
    .map((task) => `${task.id} ${task.seconds.toFixed(0)} s`);
  console.log(
    `\n${results.length} tasks in ${minutes} min${slowest.length > 0 ? `; slowest: ${slowest.join(", ")}` : ""}`,
  );
  if (sum.skipped > 0) console.log(`${sum.skipped} tests skipped`);
  for (const failure of sum.failures) console.log(`FAILED ${failure}`);
} catch (error) {
  failed++;
  console.log(error);
}
if (interruption.signal.aborted) {
  failed++;
  console.log("FAILED interrupted");
}
if (skipped)
  console.log(
    "DP_SKIP_SERVICES=1: tests on real Redis, etcd and PostgreSQL were skipped",
  );
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
