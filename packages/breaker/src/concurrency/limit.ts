import { requireNumber } from "@dp/core";

/** How one call went, for a {@link LimitAlgorithm}; or several, on average. */
export interface LimitSample {
  /** How long it took. Above 0 unless it was dropped. */
  readonly rttMs: number;
  /** How many calls were in flight when it began, itself included. */
  readonly inFlight: number;
  /** Whether the service could not do it in time: a timeout, a refusal for overload, any failure. */
  readonly dropped: boolean;
}

/** Finds out how many calls a service can do at once. With state: each `concurrencyLimit` needs one of its own. */
export interface LimitAlgorithm {
  /** So many calls may be in flight now. At least 1, may be fractional. */
  readonly limit: number;
  /**
   * For how long calls are gathered into one sample, at least ten of them.
   *
   * @defaultValue 0: every call is a sample
   */
  readonly windowMs?: number | undefined;
  /** Learns from a call. Must be cheap. */
  sample(sample: LimitSample): void;
}

/** Where a limit begins and within what it stays. */
export interface LimitBounds {
  /** The first limit. @defaultValue 20, or the nearest bound */
  readonly initial?: number | undefined;
  /** The lowest limit. At least 1. @defaultValue 1 */
  readonly min?: number | undefined;
  /** The highest limit. At least `min`. @defaultValue 200 */
  readonly max?: number | undefined;
}

/** {@link LimitBounds} checked and filled in. */
export const resolveLimitBounds = (
  bounds: LimitBounds,
): { initial: number; min: number; max: number } => {
  const min = requireNumber("min", bounds.min ?? 1, 1, Number.MAX_SAFE_INTEGER);
  const max = requireNumber(
    "max",
    bounds.max ?? Math.max(200, min),
    min,
    Number.MAX_SAFE_INTEGER,
  );
  const byDefault = Math.min(max, Math.max(min, 20));
  const initial = requireNumber(
    "initial",
    bounds.initial ?? byDefault,
    min,
    max,
  );
  return { initial, min, max };
};
