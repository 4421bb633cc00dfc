import { title, type TaskResult } from "./task.ts";

/** The part of vitest's JSON report that counts. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, one line each. */
  readonly failures: readonly string[];
}

/** True for the tasks that count their tests instead of themselves. */
export const isTestTask = (name: string): boolean =>
  name === "test" || name === "test:alone";

/** Where a test task of a package leaves its report, relative to the package. */
export const reportFile = (name: string): string =>
  `.results/${name.replace(":", "-")}.json`;

/** What one task adds to the count. */
const countTask = (task: TaskResult, report: TestReport | undefined): Tally => {
  const name = title(task);
  if (task.outcome === "not run") {
    const failures = [`${name}: not run, because what it needs failed`];
    return { passed: 0, failed: 1, skipped: 0, failures };
  }
  if (!isTestTask(task.name)) {
    const failed = task.outcome === "failed";
    return {
      passed: failed ? 0 : 1,
      failed: failed ? 1 : 0,
      skipped: 0,
      failures: failed ? [name] : [],
    };
  }
  if (report === undefined)
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`${name}: left no report of its tests`],
    };
  const { numPassedTests: passed, numFailedTests: failed } = report;
  const skipped = report.numPendingTests + report.numTodoTests;
  if (failed > 0)
    return {
      passed,
      failed,
      skipped,
      failures: [`${name}: ${failed} of ${passed + failed} tests`],
    };
  // An error outside of any test, or a file that does not load.
  if (task.outcome === "failed")
    return { passed, failed: 1, skipped, failures: [name] };
  return { passed, failed: 0, skipped, failures: [] };
};

/** Sums tests and tasks: a test task counts its tests, every other task counts as one. */
export const tally = (
  results: readonly TaskResult[],
  reportOf: (task: TaskResult) => TestReport | undefined,
): Tally =>
  results
    .map((task) =>
      countTask(task, isTestTask(task.name) ? reportOf(task) : undefined),
    )
    .reduce(
      (sum, part) => ({
        passed: sum.passed + part.passed,
        failed: sum.failed + part.failed,
        skipped: sum.skipped + part.skipped,
        failures: [...sum.failures, ...part.failures],
      }),
      { passed: 0, failed: 0, skipped: 0, failures: [] },
    );
