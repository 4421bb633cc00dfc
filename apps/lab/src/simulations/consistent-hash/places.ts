import type { Random } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "@dp/discovery";
import { indexOf } from "../candidates.ts";

/** A hash balancer. */
export type Hashing = (options: BalancerOptions) => Balancer;

/**
 * Who gets each of so many places, evenly spread over the whole range of hashes: what a balancer does without a key is
 * draw a place by chance, so chance that counts up shows them all. With as many places as a Maglev table has slots, these
 * are its slots.
 */
export const ownersOf = (
  hashing: Hashing,
  candidates: readonly Candidate[],
  places: number,
): Int32Array => {
  let place = 0;
  const next: Random = () => (place + 0.5) / places;
  const balancer = hashing({ random: next });
  balancer.update(candidates);
  const owners = new Int32Array(places);
  for (; place < places; place++) {
    const picked = balancer.pick();
    if (picked === undefined) throw new Error("nobody to pick");
    owners[place] = indexOf(picked);
  }
  return owners;
};

/** Who gets each of some keys. */
export const ownersOfKeys = (
  hashing: Hashing,
  candidates: readonly Candidate[],
  keys: readonly string[],
): Int32Array => {
  const balancer = hashing({});
  balancer.update(candidates);
  return Int32Array.from(keys, (key) => {
    const picked = balancer.pick({ key });
    if (picked === undefined) throw new Error("nobody to pick");
    return indexOf(picked);
  });
};

export const countsOf = (owners: Int32Array, instances: number): number[] => {
  const counts = new Array<number>(instances).fill(0);
  for (const owner of owners) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
};

/** How much more than the average the one with most has. */
export const unevenness = (counts: readonly number[]): number => {
  const sum = counts.reduce((all, count) => all + count, 0);
  return (Math.max(...counts) * counts.length) / sum;
};

/** Of what did not belong to the one that left, the share that moved all the same. */
export const movedShare = (
  before: Int32Array,
  after: Int32Array,
  left: number,
): number => {
  let staying = 0;
  let moved = 0;
  for (const [place, owner] of before.entries()) {
    if (owner === left) continue;
    staying++;
    if (after[place] !== owner) moved++;
  }
  return moved / staying;
};
