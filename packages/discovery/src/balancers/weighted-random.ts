import { systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";
import { WeightedDraw } from "./weighted-draw.ts";

/** Draws before those left are looked through: with few of many excluded, one of them nearly always does. */
const maxDraws = 4;

/**
 * Any candidate with a chance in proportion to its weight, whatever its load.
 *
 * Needs no state and no coordination, but some instances are always busier than others by chance: `weightedRoundRobin`
 * is even, `powerOfTwo` sees load. O(log n) a pick, O(n) when most are excluded.
 */
export const weightedRandom = (options: BalancerOptions = {}): Balancer => {
  const { random = systemRandom } = options;
  const draw = new WeightedDraw();
  let candidates: readonly Candidate[] = [];
  return {
    fork: () => weightedRandom(options),
    update(next) {
      candidates = [...next];
      draw.set(candidates.map(({ weight }) => weight));
    },
    pick(request) {
      if (candidates.length === 0) return undefined;
      const exclude = request?.exclude;
      if (exclude === undefined) return candidates[draw.at(random())];
      for (let drawn = 0; drawn < maxDraws; drawn++) {
        const candidate = candidates[draw.at(random())] as Candidate;
        if (!exclude.has(candidate.id)) return candidate;
      }
      const left = candidates.filter(({ id }) => !exclude.has(id));
      if (left.length === 0) return undefined;
      const ofLeft = new WeightedDraw();
      ofLeft.set(left.map(({ weight }) => weight));
      return left[ofLeft.at(random())];
    },
    settle: () => undefined,
  };
};
