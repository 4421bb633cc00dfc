import { systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";

/**
 * Any candidate with equal chance, whatever its weight and load.
 *
 * Needs no state and no coordination, but some instances are always busier than others by chance: `roundRobin` is
 * even, `powerOfTwo` sees load. O(1) a pick, O(n) with `exclude`.
 */
export const random = (options: BalancerOptions = {}): Balancer => {
  const draw = options.random ?? systemRandom;
  let candidates: readonly Candidate[] = [];
  return {
    fork: () => random(options),
    update(next) {
      candidates = [...next];
    },
    pick(request) {
      const exclude = request?.exclude;
      const from =
        exclude === undefined || exclude.size === 0
          ? candidates
          : candidates.filter((candidate) => !exclude.has(candidate.id));
      return from[Math.floor(draw() * from.length)];
    },
    settle: () => undefined,
  };
};
