import { systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";

/**
 * The candidates in turn, whatever their weight and load: n picks without a change in between reach each of n once.
 *
 * Even in requests, not in work: a slow instance gets as many as a fast one. The first turn is drawn by chance, so that
 * many clients do not start at the same instance. A change keeps the turn: who stays is neither passed over nor served
 * twice, newcomers come last. O(1) a pick, O(n) at worst with `exclude`; who is excluded misses that turn.
 */
export const roundRobin = (options: BalancerOptions = {}): Balancer => {
  const { random = systemRandom } = options;
  /** In order of turn, from `next` on and round. */
  let round: readonly Candidate[] = [];
  let next = 0;
  return {
    fork: () => roundRobin(options),
    update(candidates) {
      const left = new Map(candidates.map((each) => [each.id, each]));
      const upcoming = [...round.slice(next), ...round.slice(0, next)];
      const staying: Candidate[] = [];
      for (const { id } of upcoming) {
        const candidate = left.get(id);
        if (candidate === undefined) continue;
        staying.push(candidate);
        left.delete(id);
      }
      round = [...staying, ...left.values()];
      next = staying.length > 0 ? 0 : Math.floor(random() * round.length);
    },
    pick(request) {
      const exclude = request?.exclude;
      for (let tried = 0; tried < round.length; tried++) {
        const candidate = round[next] as Candidate;
        next = next + 1 === round.length ? 0 : next + 1;
        if (exclude?.has(candidate.id) !== true) return candidate;
      }
      return undefined;
    },
    settle: () => undefined,
  };
};
