import {
  requireDuration,
  requireInteger,
  requireNumber,
  type Duration,
} from "@dp/core";

export interface OutlierOptions {
  /** Failures in a row that eject an instance; at least 1, or false for none. @defaultValue 5 */
  readonly consecutive?: number | false | undefined;
  /** How long the first ejection lasts, above 0; the k-th in close succession lasts k times as long. @defaultValue 30s */
  readonly for?: Duration | undefined;
  /** The longest ejection; at least `for`. @defaultValue 300s, or `for` if that is longer */
  readonly maxFor?: Duration | undefined;
  /**
   * The share of serving instances that may be ejected at a time, 0 to 1, rounded down; one may be in any case when
   * there are two or more. @defaultValue 0.1
   */
  readonly maxShare?: number | undefined;
  /** Each such time without ejection forgives one earlier ejection; above 0. @defaultValue 10s */
  readonly interval?: Duration | undefined;
}

/** The least a repeated wait may be: a zero would spin. */
const leastMs = 1;

/** Throws `InvalidOptionError` for a bad value. */
export const resolveOutlierOptions = (
  options: OutlierOptions,
): {
  consecutive: number;
  forMs: number;
  maxForMs: number;
  maxShare: number;
  intervalMs: number;
} => {
  const forMs = requireDuration("for", options.for ?? "30s", leastMs);
  return {
    consecutive:
      options.consecutive === false
        ? Infinity
        : requireInteger("consecutive", options.consecutive ?? 5, 1),
    forMs,
    maxForMs: requireDuration(
      "maxFor",
      options.maxFor ?? Math.max(forMs, 300_000),
      forMs,
    ),
    maxShare: requireNumber("maxShare", options.maxShare ?? 0.1, 0, 1),
    intervalMs: requireDuration("interval", options.interval ?? "10s", leastMs),
  };
};
