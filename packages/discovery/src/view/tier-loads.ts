/** What a tier has: instances that can be picked, of those that can be told of. */
export interface TierHealth {
  readonly healthy: number;
  readonly total: number;
}

/**
 * A tier carries its load as long as this many times its healthy part is all of it: 1.4 keeps all traffic in a tier
 * down to 5 of 7 healthy.
 */
export const overprovisioning = 1.4;

/** What is less than this is rounding, and no reason to split load. */
const trace = 1e-9;

/** The part of its traffic a tier of this health carries, 0 to 1. */
export const carried = ({ healthy, total }: TierHealth): number =>
  total === 0 ? 0 : Math.min(1, (overprovisioning * healthy) / total);

/**
 * The part of the traffic each tier gets, best first: what it carries, of what the ones before leave. Together 1 if
 * anybody is healthy, scaled up if the tiers do not carry all; all 0 if nobody is.
 *
 * Source: Envoy's priority levels: health(P) = min(100, 1.4 * 100 * healthy / total), normalised by their sum if that
 * is below 100.
 */
export const tierLoads = (tiers: readonly TierHealth[]): number[] => {
  const carry = tiers.map(carried);
  const sum = carry.reduce((total, each) => total + each, 0);
  const norm = Math.min(1, sum);
  let left = 1;
  return carry.map((each) => {
    const load = norm === 0 ? 0 : Math.min(left, each / norm);
    if (load < trace) return 0;
    left -= load;
    return load;
  });
};
