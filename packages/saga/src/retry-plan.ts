import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireNumber,
  requireOneOf,
  type Random,
} from "@dp/core";
import type { RetryPlan, StepRetry } from "./step.ts";

/** A delay that still fits every timer and every store. */
export const longestMs: number = 365 * 86_400_000;

const always = (): boolean => true;

export const requireFunction = <F>(option: string, value: F): F => {
  if (typeof value === "function") return value;
  throw new InvalidOptionError(option, value, "a function");
};

/** `retry` with the defaults filled in; `attempts` is the default number of calls. Throws `InvalidOptionError`. */
export const resolveRetry = (
  option: string,
  retry: StepRetry | undefined,
  attempts: number,
): RetryPlan => {
  const { backoff = { initial: 100 } } = retry ?? {};
  const { initial, factor, max, jitter } =
    typeof backoff === "object"
      ? backoff
      : { initial: backoff, factor: 1, max: backoff, jitter: "none" as const };
  const initialMs = requireDuration(
    `${option}.backoff.initial`,
    initial,
    0,
    longestMs,
  );
  return {
    attempts: requireInteger(
      `${option}.attempts`,
      retry?.attempts ?? attempts,
      1,
    ),
    initialMs,
    factor: requireNumber(`${option}.backoff.factor`, factor ?? 2, 1),
    maxMs: requireDuration(
      `${option}.backoff.max`,
      max ?? Math.max(30_000, initialMs),
      initialMs,
      longestMs,
    ),
    jitter:
      requireOneOf(`${option}.backoff.jitter`, jitter ?? "full", [
        "none",
        "full",
      ]) === "full",
    retryIf: requireFunction(`${option}.retryIf`, retry?.retryIf ?? always),
  };
};

/** How long to wait before the call that follows number `attempt`. */
export const backoffMs = (
  { initialMs, factor, maxMs, jitter }: RetryPlan,
  attempt: number,
  random: Random,
): number => {
  // 0 times an overflowed power would be NaN.
  const grown =
    initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (attempt - 1));
  return jitter ? grown * random() : grown;
};
