import { InvalidOptionError, requireNumber, requireOneOf } from "@dp/core";
import { unmarked } from "./byte-order-mark.ts";
import { ReplayLogError } from "./replay-log-error.ts";

/** One line of a log: a call as it went without the breaker that is to be judged. */
export interface LoggedCall {
  /** When it began, in milliseconds of any epoch. 0 to 8.64e15, the last moment a calendar knows. */
  readonly atMs: number;
  /** How long it took. At least 0. */
  readonly durationMs: number;
  readonly outcome: "success" | "failure";
}

/** A {@link LoggedCall} with the number of its line, which decides between calls of one moment. */
export interface NumberedCall extends LoggedCall {
  readonly line: number;
}

/** The last moment that can be written as a date. */
const lastMs = 8.64e15;

/** Reads line number `line` of a log. Fields that it does not know are left alone. */
export const parseLoggedCall = (text: string, line: number): NumberedCall => {
  const fields = parseObject(text, line);
  try {
    const atMs = requireNumber("atMs", fields["atMs"], 0, lastMs);
    const longestMs = lastMs - atMs;
    return {
      line,
      atMs,
      durationMs: requireNumber(
        "durationMs",
        fields["durationMs"],
        0,
        longestMs,
      ),
      outcome: requireOneOf("outcome", fields["outcome"], [
        "success",
        "failure",
      ]),
    };
  } catch (error) {
    if (!InvalidOptionError.is(error)) throw error;
    const { code, message } = error;
    throw new ReplayLogError(line, message.slice(`${code}: `.length));
  }
};

const parseObject = (
  text: string,
  line: number,
): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(unmarked(text));
  } catch {
    // Not an object either.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  throw new ReplayLogError(
    line,
    `must be a JSON object like {"atMs":0,"durationMs":12,"outcome":"success"}, got ${JSON.stringify(shown)}`,
  );
};
