import {
  requireDuration,
  requireNumber,
  requireOneOf,
  type Duration,
  type Random,
} from "@dp/core";
import type { Backoff } from "./backoff.ts";

/**
 * How chance spreads a delay `d` (which is already cut at `max`):
 *
 * - `none`: exactly `d`.
 * - `full`: uniform in [0, `d`). Fewest calls under contention.
 * - `equal`: uniform in [`d`/2, `d`). Never less than half.
 * - `polly`: what Polly calls decorrelated jitter, version 2: grows smoothly by doubling, spread so evenly that callers who
 *   failed together do not come back in waves. Three in five first delays are below `initial`; `factor` plays no part.
 * - `decorrelated`: uniform in [`initial`, three times the last delay), cut at `max`; `factor` plays no part.
 */
export type Jitter = "none" | "full" | "equal" | "decorrelated" | "polly";

/** How an {@link exponential} backoff grows. */
export interface ExponentialOptions {
  /** The delay before the first repeat, before jitter. */
  readonly initial: Duration;
  /** By how much each delay exceeds the last. At least 1. @defaultValue 2 */
  readonly factor?: number | undefined;
  /** No delay is longer. At least `initial`. @defaultValue '1m', or `initial` if that is longer */
  readonly max?: Duration | undefined;
  /** @defaultValue 'full' */
  readonly jitter?: Jitter | undefined;
}

/**
 * Waits `initial`, then `factor` times as long each time, never longer than `max`, spread by `jitter`.
 *
 * The formulas are those of Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), and of Polly's
 * DecorrelatedJitterBackoffV2.
 */
export const exponential = (options: ExponentialOptions): Backoff => {
  const initialMs = requireDuration(
    "initial",
    options.initial,
    0,
    Number.MAX_SAFE_INTEGER,
  );
  const factor = requireNumber("factor", options.factor ?? 2, 1);
  const maxMs = requireDuration(
    "max",
    options.max ?? Math.max(60_000, initialMs),
    initialMs,
  );
  const jitter = requireOneOf("jitter", options.jitter ?? "full", [
    "none",
    "full",
    "equal",
    "decorrelated",
    "polly",
  ]);

  const grown = (attempt: number): number =>
    // 0 times an overflowed power would be NaN.
    initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (attempt - 1));
  const spread: Record<Jitter, Backoff["delayMs"]> = {
    none: grown,
    full: (attempt, _previousMs, random) => grown(attempt) * random(),
    equal: (attempt, _previousMs, random) =>
      grown(attempt) * (0.5 + random() / 2),
    decorrelated: (_attempt, previousMs, random) =>
      Math.min(
        maxMs,
        uniform(initialMs, 3 * (previousMs || initialMs), random),
      ),
    polly: (attempt, _previousMs, random) =>
      Math.min(maxMs, pollyMs(initialMs, attempt, random)),
  };
  return { delayMs: spread[jitter] };
};

/** From here on doubling comes near the end of the numbers: longer than any `max` of a positive `initial`. */
const endOfDoubling = 900;

/**
 * The way a smooth curve rises between two points, one chosen at random within the attempt before and one within this.
 * Polly remembers the first point; a backoff has no state, so it is drawn anew, from the same distribution.
 */
const pollyMs = (
  initialMs: number,
  attempt: number,
  random: Random,
): number => {
  if (initialMs === 0) return 0;
  if (attempt > endOfDoubling) return Infinity;
  const from = attempt > 1 ? pollyCurve(attempt - 2 + random()) : 0;
  const to = pollyCurve(attempt - 1 + random());
  return ((to - from) / 1.4) * initialMs;
};

const pollyCurve = (time: number): number =>
  2 ** time * Math.tanh(Math.sqrt(4 * time));

const uniform = (low: number, high: number, random: Random): number =>
  low + random() * Math.max(0, high - low);
