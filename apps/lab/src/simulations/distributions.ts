import type { Random } from "@dp/core";

/**
 * A normal variate, by the sum of twelve uniform ones: no further than six deviations from the mean, and the same on
 * every machine, because it takes nothing but additions.
 */
export const normal = (
  random: Random,
  mean: number,
  deviation: number,
): number => {
  let sum = -6;
  for (let draw = 0; draw < 12; draw++) sum += random();
  return mean + deviation * sum;
};

/** An exponential variate: the time between two arrivals that know nothing of each other. */
export const exponentialTime = (random: Random, meanMs: number): number =>
  -meanMs * Math.log(1 - random());

/** The value below which `share` of the values lie, by rank. NaN for no values. */
export const quantileOf = (
  values: readonly number[],
  share: number,
): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, rank)] ?? NaN;
};

/** The arithmetic mean. NaN for no values. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
