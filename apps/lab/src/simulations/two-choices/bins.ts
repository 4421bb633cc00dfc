import { seededRandom } from "@dp/core";
import {
  powerOfTwo,
  random,
  type Balancer,
  type BalancerOptions,
  type Candidate,
} from "@dp/discovery";
import { candidatesOf, indexOf } from "../candidates.ts";

/** What is compared. A ball is a request that never ends, a bin an instance. */
export const ways = {
  "by chance": random,
  "the emptier of two": powerOfTwo,
} as const satisfies Record<string, (options: BalancerOptions) => Balancer>;

export type Way = keyof typeof ways;

export const wayNames = Object.keys(ways) as readonly Way[];

/** Throws balls one after the other: how many each bin has in the end. */
export const fill = (
  way: Way,
  bins: readonly Candidate[],
  balls: number,
  seed: number,
): Uint32Array => {
  const balancer = ways[way]({ random: seededRandom(seed) });
  balancer.update(bins);
  const counts = new Uint32Array(bins.length);
  for (let ball = 0; ball < balls; ball++) {
    const picked = balancer.pick();
    if (picked === undefined) throw new Error("no bin to pick");
    const bin = indexOf(picked);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
};

export interface Extremes {
  readonly least: number;
  readonly most: number;
}

export const extremesOf = (values: Iterable<number>): Extremes => {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
};

/** The fullest bin of as many bins as balls: its least and most over the seeds 1, 2, ... */
export const fullest = (way: Way, bins: number, seeds: number): Extremes => {
  const candidates = candidatesOf(bins);
  return extremesOf(
    Array.from(
      { length: seeds },
      (_, place) => extremesOf(fill(way, candidates, bins, place + 1)).most,
    ),
  );
};

/** The shares of bins with at least 1, 2, ... balls. */
export const atLeast = (counts: Uint32Array): readonly number[] => {
  const { most } = extremesOf(counts);
  return Array.from(
    { length: most },
    (_, place) =>
      counts.filter((count) => count > place).length / counts.length,
  );
};
