import {
  requireDuration,
  systemClock,
  type Clock,
  type Duration,
} from "@dp/core";
import { defaultClassify, type Classify, type Verdict } from "../classify.ts";
import { ResilienceError } from "../errors.ts";
import { isMisuse } from "./blame.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What {@link httpClassifier} can be told. */
export interface HttpClassifierOptions {
  /**
   * Gives the wall time that a date in `Retry-After` is compared with when the response has no `Date` field.
   *
   * @defaultValue the system's
   */
  readonly clock?: Clock | undefined;
  /**
   * The longest time a server may ask for. One that asks for more is not called again: retry gives its response back at
   * once, instead of a pause that no deadline need end.
   *
   * @defaultValue '5m'
   */
  readonly maxRetryAfter?: Duration | undefined;
}

/** What of an answer counts. */
interface Answer {
  readonly status: number;
  field(name: string): string | undefined;
}

/**
 * A {@link Classify} for calls that give HTTP responses: those of `fetch`, of undici's `request`, or of anything else
 * with a status and headers.
 *
 * - 5xx but 501 and 505, 408, 425 and 429: `failure`; with the `Retry-After` of a 429 or 503, in seconds or as a date,
 *   which is `Infinity` if it is more than `maxRetryAfter`.
 * - Any other status, and any value that is no response: `success`. The service answered.
 * - An error for a URL or argument that could not have worked, with no network error behind it: `ignore`.
 * - Any other error: as {@link defaultClassify} says, so a `failure` unless a policy refused the call.
 *
 * Throws `InvalidOptionError` for a bad duration.
 */
export const httpClassifier = (
  options: HttpClassifierOptions = {},
): Classify => {
  const { clock = systemClock, maxRetryAfter = "5m" } = options;
  const longestMs = requireDuration("maxRetryAfter", maxRetryAfter);
  return (outcome) => {
    if (outcome.ok) return answerVerdict(outcome.value, clock, longestMs);
    return !ResilienceError.is(outcome.error) && isMisuse(outcome.error)
      ? "ignore"
      : defaultClassify(outcome);
  };
};

/** {@link httpClassifier} on the system's clock. */
export const httpClassify: Classify = httpClassifier();

const answerVerdict = (
  value: unknown,
  clock: Clock,
  longestMs: number,
): Verdict => {
  const answer = answerOf(value);
  if (answer === undefined || !isFailure(answer.status)) return "success";
  if (answer.status !== 429 && answer.status !== 503) return "failure";
  const field = answer.field("retry-after");
  if (field === undefined) return "failure";
  const date = answer.field("date");
  const askedMs = retryAfterMs(field, date, () => clock.wallNow());
  return askedMs === undefined
    ? "failure"
    : {
        failure: true,
        retryAfterMs: askedMs > longestMs ? Infinity : askedMs,
      };
};

const isFailure = (status: number): boolean =>
  (status >= 500 && status < 600 && status !== 501 && status !== 505) ||
  status === 408 ||
  status === 425 ||
  status === 429;

const answerOf = (value: unknown): Answer | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const { status, statusCode, headers } = value as Record<string, unknown>;
  if (typeof headers !== "object" || headers === null) return undefined;
  const number = Number.isInteger(status) ? status : statusCode;
  if (!Number.isInteger(number)) return undefined;
  const fields = headers as Record<string, unknown>;
  const { get } = fields;
  return {
    status: number as number,
    field: (name) =>
      textOf(
        typeof get === "function" ? get.call(headers, name) : fields[name],
      ),
  };
};

/** A field's value, the first of several. */
const textOf = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : undefined;
};
