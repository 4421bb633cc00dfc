import { DpError } from "@dp/core";

/** One thing wrong with a configuration: where it is, what stands there and what would be accepted. */
export interface ConfigProblem {
  /** The place in the configuration: `routes[2].limit.rate`; empty for the whole. */
  readonly path: string;
  /** What is wrong, with the value and what is allowed: one line, no line break. */
  readonly message: string;
  /** The file the configuration was read from; absent when it came as an object. */
  readonly file?: string | undefined;
  /** Line in that file, from 1. */
  readonly line?: number | undefined;
  /** Column in that line, from 1. */
  readonly column?: number | undefined;
  /** The known name nearest to an unknown one. */
  readonly nearest?: string | undefined;
}

/**
 * Thrown when a configuration is refused. `problems` lists every one found, and so does the message, one a line.
 * Nothing was started or changed. Code `DP_CONFIG`.
 */
export class ConfigError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/gateway.ConfigError",
  );

  /** Every problem found, in the order of the file; at least one. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const count =
      problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      "DP_CONFIG",
      [`${count} in the configuration`, ...problems.map(describeProblem)].join(
        "\n  ",
      ),
      options,
    );
    this.problems = problems;
  }
}

/** One line for people: `gateway.yaml:12:5 routes[2].limit.rate: …; did you mean "burst"?` */
export const describeProblem = (problem: ConfigProblem): string => {
  const { file, line, column, path, message, nearest } = problem;
  const position =
    line === undefined
      ? ""
      : `:${line}${column === undefined ? "" : `:${column}`}`;
  const place = [file === undefined ? "" : `${file}${position}`, path]
    .filter((part) => part !== "")
    .join(" ");
  const hint =
    nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest)}?`;
  return `${place === "" ? "" : `${place}: `}${message}${hint}`;
};
