/** One turbo task of one package, as planned and as it went. */
export interface Task {
  /** As turbo names it: `@dp/core#lint`. */
  readonly id: string;
  readonly name: string;
  readonly package: string;
  /** The package's folder, relative to the root. */
  readonly directory: string;
}

export type Outcome = "passed" | "failed" | "not run";

export interface TaskResult extends Task {
  readonly outcome: Outcome;
  readonly cached: boolean;
  readonly seconds: number;
}

/** `@dp/core lint`, for people. */
export const title = (task: Task): string => `${task.package} ${task.name}`;
