import { systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions } from "./balancer.ts";
import { Roster, type Seat } from "./roster.ts";

/**
 * The candidate with the least (in flight + 1) / weight of all, ties by chance.
 *
 * More exact than `powerOfTwo` but O(n) a pick, and it sends everything to an instance that fails at once, since that
 * one never has anything in flight: use it where failures are rare or ejected. Counts this view's own requests only.
 */
export const leastRequest = (options: BalancerOptions = {}): Balancer => {
  const { random = systemRandom } = options;
  const roster = new Roster<Seat>((candidate) => ({
    candidate,
    inFlight: 0,
    seated: true,
  }));
  return {
    update: (candidates) => roster.update(candidates),
    pick(request) {
      const exclude = request?.exclude;
      let best: Seat | undefined;
      let bestCost = Infinity;
      let ties = 0;
      for (const seat of roster.seats) {
        if (exclude?.has(seat.candidate.id) === true) continue;
        const cost = (seat.inFlight + 1) / seat.candidate.weight;
        if (best === undefined || cost < bestCost) {
          best = seat;
          bestCost = cost;
          ties = 1;
        } else if (cost === bestCost && random() * ++ties < 1) {
          // Reservoir of one: the k-th of the tied replaces the one held with chance 1/k.
          best = seat;
        }
      }
      if (best === undefined) return undefined;
      best.inFlight++;
      return best.candidate;
    },
    settle: (candidate) => void roster.settle(candidate.id),
  };
};
