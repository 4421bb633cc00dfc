import type { Task, TaskResult } from "./task.ts";

/** The parts of a task that are read from turbo's plan and from its summary. */
export interface TurboTask {
  readonly taskId: string;
  readonly task: string;
  readonly package: string;
  readonly directory: string;
  readonly command: string;
  /** None when the task is never cached. */
  readonly logFile?: string | undefined;
  readonly cache: { readonly status: "HIT" | "MISS" };
  /** None in a plan, and when a task that it needs failed. */
  readonly execution?:
    | {
        readonly startTime: number;
        readonly endTime: number;
        readonly exitCode: number | null;
      }
    | undefined;
}

export interface PlannedTask extends Task {
  /** Relative to the root. */
  readonly logFile: string | undefined;
}

/** turbo's word for a task that only orders others: no script of that name exists. */
const nothing = "<NONEXISTENT>";

/** The planned tasks of the names asked for. Those that they need are planned too, but belong to whoever names them. */
export const plannedTasks = (
  plan: readonly TurboTask[],
  names: readonly string[],
): readonly PlannedTask[] =>
  plan
    .filter(({ command, task }) => command !== nothing && names.includes(task))
    .map(({ taskId, task, package: owner, directory, logFile }) => ({
      id: taskId,
      name: task,
      package: owner,
      directory,
      logFile,
    }));

/** How each planned task went by turbo's summary. */
export const resultsOf = (
  planned: readonly PlannedTask[],
  summary: readonly TurboTask[],
): readonly TaskResult[] => {
  const byId = new Map(summary.map((task) => [task.taskId, task]));
  return planned.map((task) => {
    const { execution, cache } = byId.get(task.id) ?? {};
    if (execution === undefined)
      return { ...task, outcome: "not run", cached: false, seconds: 0 };
    const { startTime, endTime, exitCode } = execution;
    return {
      ...task,
      outcome: exitCode === 0 ? "passed" : "failed",
      cached: cache?.status === "HIT",
      seconds: (endTime - startTime) / 1_000,
    };
  });
};
