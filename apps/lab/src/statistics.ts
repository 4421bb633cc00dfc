/** The middle value, or the mean of the two middle ones; throws for an empty list. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const high = sorted[sorted.length >> 1];
  const low = sorted[(sorted.length - 1) >> 1];
  if (high === undefined || low === undefined)
    throw new Error("the median of no values is not defined");
  return (low + high) / 2;
};

/**
 * How many times `base` the `values` are, round by round. Take the median of these: both were
 * measured seconds apart, so a machine that slows down for a while cancels out, which it does not
 * in a ratio of two medians.
 */
export const pairedRatios = (
  values: readonly number[],
  base: readonly number[],
): readonly number[] => {
  if (values.length !== base.length)
    throw new Error(
      `cannot pair ${values.length} rounds with ${base.length} rounds`,
    );
  return values.map((value, round) => value / (base[round] ?? NaN));
};
