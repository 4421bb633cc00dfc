import type { Way } from "./bins.ts";

/** As far as shares are worked out; they are nothing there. */
const levels = 12;
const steps = 1_000;

/**
 * The shares of bins with at least 1, 2, ... balls when there are very many bins and as many balls.
 *
 * A ball raises a bin from i - 1 to i. By chance it hits such a bin as often as there are some: the shares s follow
 * ds(i)/dt = s(i - 1) - s(i), which ends in Poisson's distribution of mean 1. The emptier of two has i - 1 balls if both
 * have at least that many and not both more: ds(i)/dt = s(i - 1)² - s(i)² (Mitzenmacher, 1996). One ball a bin is t = 1.
 */
export const sharesInTheory = (way: Way): readonly number[] => {
  const hit = way === "by chance" ? 1 : 2;
  const slope = (shares: readonly number[]): readonly number[] =>
    shares.map((share, place) => {
      const below = place === 0 ? 1 : (shares[place - 1] ?? 0);
      return below ** hit - share ** hit;
    });
  let shares: readonly number[] = new Array<number>(levels).fill(0);
  // The midpoint rule: its error goes with the square of the step.
  for (let step = 0; step < steps; step++) {
    const middle = moved(shares, slope(shares), 0.5 / steps);
    shares = moved(shares, slope(middle), 1 / steps);
  }
  return shares;
};

/** The fullest of so many bins in theory: the last level that at least one bin is expected to reach. */
export const fullestInTheory = (way: Way, bins: number): number =>
  sharesInTheory(way).filter((share) => share * bins >= 1).length;

const moved = (
  from: readonly number[],
  slope: readonly number[],
  time: number,
): readonly number[] =>
  from.map((value, place) => value + (slope[place] ?? 0) * time);
