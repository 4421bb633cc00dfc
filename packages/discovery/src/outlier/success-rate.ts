import type { ResolvedSuccessRate } from "./outlier-options.ts";

/** The standard deviation of a normal distribution in terms of its median distance from the median. */
const deviationsPerMad = 1.4826;

/** Rates are quotients and sums of such: what should be equal differs by parts of 1e-16. */
const epsilon = 1e-9;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return (lower + upper) / 2;
};

/**
 * The success rate an instance must not be below, given those of all; -Infinity when they are too few to compare.
 * O(n), with `mad` O(n log n).
 *
 * Source: gRPC A50 (mean - 1.9 standard deviations of the population). The floor is not in it: without it one of five
 * instances whose others are alike is always ejected, however small its difference, since it then is sqrt(4) = 2
 * deviations below the mean.
 */
export const lowestRate = (
  rates: readonly number[],
  options: ResolvedSuccessRate,
): number => {
  if (rates.length < options.minimumHosts) return -Infinity;
  const robust = options.deviation === "mad";
  const center = robust ? median(rates) : mean(rates);
  const distances = rates.map((rate) => Math.abs(rate - center));
  const deviation = robust
    ? deviationsPerMad * median(distances)
    : Math.sqrt(mean(distances.map((each) => each * each)));
  // Below by the deviations, at least by the floor: the former bound is excluded, the latter included.
  return Math.min(
    center - options.stdevFactor * deviation - epsilon,
    center - options.floor + epsilon,
  );
};
