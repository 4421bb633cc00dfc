import { systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions } from "./balancer.ts";
import { Roster, Seat } from "./roster.ts";

/**
 * The candidate with the least (in flight + 1) / weight of all, ties by chance.
 *
 * More exact than `powerOfTwo` but O(n) a pick, and it sends everything to an instance that fails at once, since that
 * one never has anything in flight: use it where failures are rare or ejected. Counts this view's own requests only.
 */
export const leastRequest = (options: BalancerOptions = {}): Balancer => {
  const { random = systemRandom } = options;
  const roster = new Roster(Seat);
  /** The least loaded of the pick under way; kept from pick to pick, so that none allocates. */
  const tied: Seat[] = [];
  return {
    fork: () => leastRequest(options),
    update: (candidates) => roster.update(candidates),
    pick(request) {
      const exclude = request?.exclude;
      let least = Infinity;
      let ties = 0;
      for (const seat of roster.seats) {
        const cost = (seat.inFlight + 1) / seat.weight;
        if (cost > least || exclude?.has(seat.candidate.id) === true) continue;
        if (cost < least) ties = 0;
        least = cost;
        tied[ties++] = seat;
      }
      const best = ties === 0 ? undefined : tied[Math.floor(random() * ties)];
      if (best === undefined) return undefined;
      best.inFlight++;
      return best.candidate;
    },
    settle: (candidate) => void roster.settle(candidate),
  };
};
