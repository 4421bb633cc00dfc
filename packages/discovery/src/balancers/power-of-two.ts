import { systemClock, systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions } from "./balancer.ts";
import { addDebt, debtAt, type DebtSeat } from "./failure-debt.ts";
import { Roster } from "./roster.ts";
import { TwoChoices } from "./two-choices.ts";

/**
 * The less loaded of two distinct candidates drawn at random: the default.
 *
 * Load is (in flight + recent failures + 1) / weight, ties by chance. Nearly as even as `leastRequest` at O(1) a pick,
 * and many clients that each see only their own load do not all run to the same idle instance. A failure counts as a
 * request in flight for about ten seconds, so an instance that fails fast is not taken for an idle one. O(n) when most
 * are excluded.
 *
 * Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (1996); two distinct candidates, since
 * with replacement the busier one of a pair would still get a quarter.
 */
export const powerOfTwo = (options: BalancerOptions = {}): Balancer => {
  const { clock = systemClock, random = systemRandom } = options;
  const roster = new Roster<DebtSeat>((candidate) => ({
    candidate,
    weight: candidate.weight,
    inFlight: 0,
    seated: true,
    debt: 0,
    debtAtMs: 0,
  }));
  const requestsOf = (seat: DebtSeat): number => {
    const requests = seat.inFlight + 1;
    if (seat.debt === 0) return requests;
    return requests + debtAt(seat, clock.now());
  };
  const choices = new TwoChoices(
    roster,
    random,
    (one, other) =>
      requestsOf(one) * other.weight < requestsOf(other) * one.weight,
  );

  return {
    fork: () => powerOfTwo(options),
    update: (candidates) => roster.update(candidates),
    pick(request) {
      const seat = choices.choose(request?.exclude);
      if (seat === undefined) return undefined;
      seat.inFlight++;
      return seat.candidate;
    },
    settle(candidate, report) {
      const seat = roster.settle(candidate);
      if (seat !== undefined && report.outcome === "failure")
        addDebt(seat, clock.now());
    },
  };
};
