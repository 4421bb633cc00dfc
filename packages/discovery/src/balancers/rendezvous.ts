import { systemRandom } from "@dp/core";
import { avalanche, xxhash32 } from "../xxhash32.ts";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";
import { SortedCandidates } from "./sorted-candidates.ts";

/**
 * Equal keys to equal instances: every instance draws a number for the key, seeded by both, and the greatest wins.
 *
 * Nothing moves but what must: when an instance leaves, its keys alone go elsewhere, to all others by weight; one that
 * joins, or whose weight grows, takes keys but causes no other move. Without a key one is drawn by chance, by weight.
 * Who is excluded is passed over for the next best. No table, but O(n) a pick: for some hundred instances, not for
 * thousands. Loads are not looked at: see `boundedLoad`.
 *
 * Source: Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous" (1996); with weights, the instance of
 * greatest -weight / ln(number).
 */
export const rendezvous = (options: BalancerOptions = {}): Balancer => {
  const { random = systemRandom } = options;
  const nodes = new SortedCandidates();
  let isEven = true;
  let mixers = new Int32Array(0);
  let multipliers = new Int32Array(0);

  /** Above 0 and below 1. Two instances whose 63 bits of hash differ draw the same only by chance, key by key. */
  const numberOf = (node: number, keyHash: number): number => {
    const mixed = keyHash ^ (mixers[node] as number);
    const product = Math.imul(mixed, multipliers[node] as number);
    return (avalanche(product) + 0.5) / 2 ** 32;
  };

  return {
    fork: () => rendezvous(options),
    update(candidates) {
      if (!nodes.update(candidates)) return;
      const { ids, weights } = nodes;
      isEven = weights.every((weight) => weight === weights[0]);
      mixers = Int32Array.from(ids, (id) => xxhash32(id, 0));
      // An odd factor loses no bit.
      multipliers = Int32Array.from(ids, (id) => xxhash32(id, 1) | 1);
    },
    pick(request) {
      const { candidates, weights } = nodes;
      const key = request?.key;
      const exclude = request?.exclude;
      const keyHash = key === undefined ? random() * 2 ** 32 : xxhash32(key, 0);
      let best: Candidate | undefined;
      let most = -Infinity;
      for (let node = 0; node < candidates.length; node++) {
        const drawn = numberOf(node, keyHash);
        // The score grows with the number, so that among equal weights the number will do.
        const score = isEven
          ? drawn
          : (weights[node] as number) / -Math.log(drawn);
        if (score <= most) continue;
        const candidate = candidates[node] as Candidate;
        if (exclude?.has(candidate.id) === true) continue;
        most = score;
        best = candidate;
      }
      return best;
    },
    settle: () => undefined,
  };
};
