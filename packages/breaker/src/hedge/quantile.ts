import {
  requireDuration,
  requireInteger,
  requireNumber,
  type Duration,
} from "@dp/core";

/** A point of the times that calls have taken lately, see {@link quantile}. */
export interface Quantile {
  readonly share: number;
  readonly windowMs: number;
  readonly minimum: number;
}

/** How a {@link quantile} looks back. */
export interface QuantileOptions {
  /** How long a call counts. At least 1 ms. @defaultValue '1m' */
  readonly window?: Duration | undefined;
  /** Below so many calls in the window there is no quantile, and nothing is hedged. @defaultValue 100 */
  readonly minimum?: number | undefined;
}

/**
 * The time that a share of calls does not exceed: `quantile(0.95)` is what one call in twenty takes longer than. For
 * `hedge`, which measures it from the first run of each call.
 */
export const quantile = (
  share: number,
  options: QuantileOptions = {},
): Quantile => ({
  share: requireNumber("share", share, Number.MIN_VALUE, 1),
  windowMs: requireDuration(
    "window",
    options.window ?? "1m",
    1,
    Number.MAX_SAFE_INTEGER,
  ),
  minimum: requireInteger("minimum", options.minimum ?? 100, 1),
});
