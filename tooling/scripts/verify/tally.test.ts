import { describe, expect, it } from "vitest";
import { reportFile, tally, type TestReport } from "./tally.ts";
import type { Outcome, TaskResult } from "./task.ts";

const task = (name: string, outcome: Outcome): TaskResult => ({
  id: `@dp/core#${name}`,
  name,
  package: "@dp/core",
  directory: "packages/core",
  outcome,
  cached: false,
  seconds: 1,
});

const report = (
  numPassedTests: number,
  numFailedTests: number,
  numPendingTests = 0,
  numTodoTests = 0,
): TestReport => ({
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests,
});

const none = (): undefined => undefined;

describe("tally", () => {
  it("counts a task that is no test as one", () => {
    const sum = tally([task("lint", "passed"), task("build", "failed")], none);
    expect(sum).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
      failures: ["@dp/core build"],
    });
  });

  it("counts the tests of a test task, not the task", () => {
    const sum = tally(
      [task("test", "passed"), task("test:alone", "passed")],
      ({ name }) => (name === "test" ? report(40, 0, 2, 1) : report(3, 0)),
    );
    expect(sum).toEqual({ passed: 43, failed: 0, skipped: 3, failures: [] });
  });

  it("counts cached results like fresh ones", () => {
    const cached = { ...task("test", "passed"), cached: true };
    expect(tally([cached], () => report(7, 0)).passed).toBe(7);
  });

  it("names how many tests of a failed task failed", () => {
    const sum = tally([task("test", "failed")], () => report(8, 2));
    expect(sum).toMatchObject({ passed: 8, failed: 2 });
    expect(sum.failures).toEqual(["@dp/core test: 2 of 10 tests"]);
  });

  it("counts a failed task whose tests all passed as one failure", () => {
    const sum = tally([task("test", "failed")], () => report(8, 0));
    expect(sum).toMatchObject({ passed: 8, failed: 1 });
  });

  it("counts a test task that left no report as a failure, even when it exited 0", () => {
    expect(tally([task("test", "passed")], none)).toMatchObject({
      passed: 0,
      failed: 1,
    });
  });

  it("counts a task that could not run as a failure", () => {
    const sum = tally([task("package", "not run")], none);
    expect(sum).toMatchObject({ passed: 0, failed: 1 });
    expect(sum.failures[0]).toContain("not run");
  });

  it("reads a report of its own for each kind of test", () => {
    expect(reportFile("test")).toBe(".results/test.json");
    expect(reportFile("test:alone")).toBe(".results/test-alone.json");
  });
});
