import { ringHash, type BalancerOptions } from "@dp/discovery";
import { candidatesOf } from "../candidates.ts";
import { meanOf } from "../distributions.ts";
import { countsOf, ownersOf, unevenness } from "./places.ts";

/** Places looked at on each ring: several for each point of the fullest one. */
const places = 2 ** 15;

/**
 * How much more than the average the instance with most of a ring has: one figure for each of so many rings, which differ
 * in the names of the instances.
 */
export const ringUnevenness = (
  instances: number,
  points: number,
  rings: number,
): readonly number[] =>
  Array.from({ length: rings }, (_, ring) => {
    const candidates = candidatesOf(instances).map((candidate) => ({
      ...candidate,
      id: String(ring * instances + Number(candidate.id)),
    }));
    const hashing = (options: BalancerOptions): ReturnType<typeof ringHash> =>
      ringHash({ ...options, points });
    const owners = ownersOf(hashing, candidates, places);
    const counts = countsOf(
      owners.map((owner) => owner - ring * instances),
      instances,
    );
    return unevenness(counts);
  });

export const meanUnevenness = (
  instances: number,
  points: number,
  rings: number,
): number => meanOf(ringUnevenness(instances, points, rings));

/** The greatest of ten normal variates, in deviations: what it is on average. */
const greatestOfTen = 1.54;

/**
 * What theory expects of ten instances. A share is the sum of `points` arcs, each exponential in length, so that its
 * deviation is 1 / √points of it; many arcs add up to a normal variate. A single arc is the greatest of ten exponential
 * ones, the sum of 1, 1/2, ..., 1/10.
 */
export const unevennessOfTen = (points: number): number =>
  points === 1
    ? Array.from({ length: 10 }, (_, place) => 1 / (place + 1)).reduce(
        (sum, part) => sum + part,
      )
    : 1 + greatestOfTen / Math.sqrt(points);
