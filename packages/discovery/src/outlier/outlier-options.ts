import {
  requireDuration,
  requireInteger,
  requireNumber,
  requireOneOf,
  type Duration,
} from "@dp/core";

export interface OutlierOptions {
  /** Failures in a row that eject an instance; at least 1, or false for none. @defaultValue 5 */
  readonly consecutive?: number | false | undefined;
  /**
   * Ejects instances whose success rate stands out from that of the others, once an `interval`; `{}` takes it with its
   * defaults. @defaultValue none
   */
  readonly successRate?: SuccessRateOptions | undefined;
  /** How long the first ejection lasts, above 0; the k-th in close succession lasts k times as long. @defaultValue 30s */
  readonly for?: Duration | undefined;
  /** The longest ejection; at least `for`. @defaultValue 300s, or `for` if that is longer */
  readonly maxFor?: Duration | undefined;
  /**
   * The share of serving instances that may be ejected at a time, 0 to 1, rounded down; one may be in any case when
   * there are two or more. @defaultValue 0.1
   */
  readonly maxShare?: number | undefined;
  /**
   * From one comparison of success rates to the next; each such time without ejection also forgives one earlier
   * ejection; above 0. @defaultValue 10s
   */
  readonly interval?: Duration | undefined;
}

/**
 * An instance stands out if its success rate is below center - stdevFactor * deviation, and below the center by at
 * least `floor`, both of the instances with enough reports in the interval, itself included.
 */
export interface SuccessRateOptions {
  /** Nobody is judged when fewer instances have enough reports; at least 1. @defaultValue 5 */
  readonly minimumHosts?: number | undefined;
  /** Reports in one interval that make a rate; at least 1. Cancelled leases are none. @defaultValue 100 */
  readonly minimumRequests?: number | undefined;
  /** Deviations below the center; at least 0. @defaultValue 1.9 */
  readonly stdevFactor?: number | undefined;
  /** How far below the center at least, 0 to 1: 0.05 is five failures more in a hundred. @defaultValue 0.05 */
  readonly floor?: number | undefined;
  /**
   * `stdev`: center is the mean, deviation the standard deviation. `mad`: the median, and the median distance from it
   * times 1.4826, which is the standard deviation of a normal distribution but is not stretched by the outliers: it
   * finds several bad instances at once, up to half of them. @defaultValue stdev
   */
  readonly deviation?: "stdev" | "mad" | undefined;
}

export interface ResolvedSuccessRate {
  readonly minimumHosts: number;
  readonly minimumRequests: number;
  readonly stdevFactor: number;
  readonly floor: number;
  readonly deviation: "stdev" | "mad";
}

export interface ResolvedOutlierOptions {
  /** Infinite for none. */
  readonly consecutive: number;
  readonly successRate: ResolvedSuccessRate | undefined;
  readonly forMs: number;
  readonly maxForMs: number;
  readonly maxShare: number;
  readonly intervalMs: number;
}

/** The least a repeated wait may be: a zero would spin. */
const leastMs = 1;

const resolveSuccessRate = (
  options: SuccessRateOptions,
): ResolvedSuccessRate => ({
  minimumHosts: requireInteger(
    "successRate.minimumHosts",
    options.minimumHosts ?? 5,
    1,
  ),
  minimumRequests: requireInteger(
    "successRate.minimumRequests",
    options.minimumRequests ?? 100,
    1,
  ),
  stdevFactor: requireNumber(
    "successRate.stdevFactor",
    options.stdevFactor ?? 1.9,
    0,
  ),
  floor: requireNumber("successRate.floor", options.floor ?? 0.05, 0, 1),
  deviation: requireOneOf(
    "successRate.deviation",
    options.deviation ?? "stdev",
    ["stdev", "mad"],
  ),
});

/** Throws `InvalidOptionError` for a bad value. */
export const resolveOutlierOptions = (
  options: OutlierOptions,
): ResolvedOutlierOptions => {
  const forMs = requireDuration("for", options.for ?? "30s", leastMs);
  return {
    consecutive:
      options.consecutive === false
        ? Infinity
        : requireInteger("consecutive", options.consecutive ?? 5, 1),
    successRate: options.successRate && resolveSuccessRate(options.successRate),
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
