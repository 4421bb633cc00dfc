import { describe, expect, it } from "vitest";
import { plannedTasks, resultsOf, type TurboTask } from "./turbo-tasks.ts";

const task = (id: string, rest: Partial<TurboTask> = {}): TurboTask => ({
  taskId: id,
  task: id.split("#")[1] ?? "",
  package: id.split("#")[0] ?? "",
  directory: "packages/a",
  command: "do it",
  cache: { status: "MISS" },
  ...rest,
});

const ended = (exitCode: number | null): Partial<TurboTask> => ({
  execution: { startTime: 1_000, endTime: 3_500, exitCode },
});

const planned = plannedTasks([task("a#lint")], ["lint"]);

describe("plannedTasks", () => {
  it("takes the tasks of the names asked for, not those they need", () => {
    const plan = [task("a#build"), task("a#check"), task("b#check")];
    expect(plannedTasks(plan, ["check"]).map(({ id }) => id)).toEqual([
      "a#check",
      "b#check",
    ]);
  });

  it("leaves out what has no script", () => {
    const plan = [task("a#lint", { command: "<NONEXISTENT>" })];
    expect(plannedTasks(plan, ["lint"])).toEqual([]);
  });
});

describe("resultsOf", () => {
  it("tells what passed, how long it took and whether it was cached", () => {
    const summary = [task("a#lint", { ...ended(0), cache: { status: "HIT" } })];
    expect(resultsOf(planned, summary)).toMatchObject([
      { id: "a#lint", outcome: "passed", cached: true, seconds: 2.5 },
    ]);
  });

  it.each([1, null])("takes exit code %s for a failure", (exitCode) => {
    const summary = [task("a#lint", ended(exitCode))];
    expect(resultsOf(planned, summary)[0]?.outcome).toBe("failed");
  });

  it.each([[[]], [[task("a#lint")]]])(
    "takes a task that never started for not run",
    (summary: readonly TurboTask[]) => {
      expect(resultsOf(planned, summary)[0]?.outcome).toBe("not run");
    },
  );
});
