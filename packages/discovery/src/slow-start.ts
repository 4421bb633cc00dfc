import { requireDuration, requireNumber, type Duration } from "@dp/core";

export interface SlowStartOptions {
  /** How long a newcomer takes to its full weight; at least 1 ms. */
  readonly window: Duration;
  /** 1 rises in a line; above it rises fast at first, below it late. Above 0, at least 0.01. @defaultValue 1 */
  readonly aggression?: number | undefined;
}

/** How the weight of a newcomer rises. A description: views may share it. */
export interface SlowStart {
  readonly windowMs: number;
  /** What the weight of an instance is multiplied with, `ageMs` after it came: above 0, 1 from `windowMs` on. */
  factor(ageMs: number): number;
}

/** The least a newcomer gets, or it would earn no traffic to warm up by. */
const leastFactor = 0.1;
/** The first second counts as over: weights close to nothing help nobody. */
const leastAgeMs = 1000;

/**
 * Lets an instance that joins, or turns healthy again, begin with a tenth of its weight and rise to all of it within
 * the window, so that a cold process is not given a full share at once.
 *
 * The factor is max(0.1, (max(age, 1 s) / window) ^ (1 / aggression)). Each instance has a window of its own, which
 * others do not restart. Those of the first snapshot have their full weight at once. It works by weight, so balancers
 * that ignore weight ignore it, and an instance that is alone has all the traffic anyway. The end of an ejection does
 * not begin a window. `powerOfTwo`, `leastRequest` and `peakEwma` compare (in flight + 1) / weight: while all others
 * have n in flight, a newcomer gets its first request at 1 / (n + 1) of its weight, with none only at the end
 * of the window.
 *
 * Source: Envoy's slow start mode.
 */
export const slowStart = (options: SlowStartOptions): SlowStart => {
  const windowMs = requireDuration("window", options.window, 1);
  const exponent =
    1 / requireNumber("aggression", options.aggression ?? 1, 0.01);
  return {
    windowMs,
    factor(ageMs) {
      if (ageMs >= windowMs) return 1;
      const share = Math.max(ageMs, leastAgeMs) / windowMs;
      return Math.min(1, Math.max(leastFactor, share ** exponent));
    },
  };
};
