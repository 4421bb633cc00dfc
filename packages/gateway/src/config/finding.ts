import type { ConfigProblem } from "../errors.ts";

/** A place in a configuration, from the root: keys and list positions. */
export type ConfigPath = readonly (string | number)[];

/** Something wrong, while it is still looked for: a {@link ConfigProblem} without its position in a file. */
export interface Finding {
  readonly at: ConfigPath;
  /** What is wrong, in words that follow the path: "must be …". */
  readonly message: string;
  /** The problem is the key itself, not its value. */
  readonly key?: boolean | undefined;
  readonly nearest?: string | undefined;
}

/** Position of a place in the file the configuration came from. */
export type Locate = (
  at: ConfigPath,
  key: boolean,
) => Pick<ConfigProblem, "file" | "line" | "column">;

/** The problems in the order of the file; without positions when there is no file. */
export const toProblems = (
  findings: readonly Finding[],
  locate?: Locate,
): ConfigProblem[] =>
  findings
    .map(({ at, message, key, nearest }): ConfigProblem => ({
      path: formatPath(at),
      // What a system or a module says may have lines.
      message: message.replace(/\s*\n\s*/g, " "),
      ...locate?.(at, key ?? false),
      ...(nearest !== undefined && { nearest }),
    }))
    .sort(
      (a, b) =>
        (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );

/** `routes[2].match.headers["x y"]` */
export const formatPath = (at: ConfigPath): string =>
  at
    .map((step, index) =>
      typeof step === "number"
        ? `[${step}]`
        : /^[\w$-]+$/.test(step)
          ? `${index === 0 ? "" : "."}${step}`
          : `[${quote(step)}]`,
    )
    .join("");

/** A value as it is shown in a problem: on one line and never long. */
export const quote = (value: unknown): string => {
  if (typeof value === "string")
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "number":
    case "boolean":
      return String(value);
    case "undefined":
      return "nothing";
    default:
      return value === null ? "null" : "an object";
  }
};
