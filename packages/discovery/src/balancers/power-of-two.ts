import { systemClock, systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";
import { Roster, type Seat } from "./roster.ts";

/**
 * How long a failed request goes on counting as if it were in flight, fading. An instance that fails at once looks
 * like one that takes this long, so as long as real requests are faster it draws less than its share.
 */
const failureMs = 10_000;

interface DebtSeat extends Seat {
  /** Failures still counted, as of `debtAtMs`; fades exponentially. */
  debt: number;
  debtAtMs: number;
}

/**
 * The less loaded of two distinct candidates drawn at random: the default.
 *
 * Load is (in flight + recent failures + 1) / weight, ties by chance. Nearly as even as `leastRequest` at O(1) a pick,
 * and many clients that each see only their own load do not all run to the same idle instance. A failure counts as a
 * request in flight for about ten seconds, so an instance that fails fast is not taken for an idle one. O(n) with
 * `exclude`.
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
  const allowed: DebtSeat[] = [];

  const debtNow = (seat: DebtSeat, nowMs: number): number =>
    seat.debt * Math.exp((seat.debtAtMs - nowMs) / failureMs);

  const cost = (seat: DebtSeat): number => {
    let load = seat.inFlight + 1;
    // Rounded, so that it is over some time after the last failure; else a trace of it would lose every tie.
    if (seat.debt !== 0) load += Math.round(debtNow(seat, clock.now()));
    return load / seat.weight;
  };

  const take = (seat: DebtSeat): Candidate => {
    seat.inFlight++;
    return seat.candidate;
  };

  const choose = (seats: readonly DebtSeat[]): Candidate | undefined => {
    const count = seats.length;
    if (count < 2) return count === 0 ? undefined : take(seats[0] as DebtSeat);
    const first = Math.floor(random() * count);
    let second = Math.floor(random() * (count - 1));
    if (second >= first) second++;
    // Which of the two is drawn first is chance already, so the first may win every tie.
    const a = seats[first] as DebtSeat;
    const b = seats[second] as DebtSeat;
    return take(cost(b) < cost(a) ? b : a);
  };

  return {
    update: (candidates) => roster.update(candidates),
    pick(request) {
      const exclude = request?.exclude;
      if (exclude === undefined || exclude.size === 0)
        return choose(roster.seats);
      for (const seat of roster.seats)
        if (!exclude.has(seat.candidate.id)) allowed.push(seat);
      const picked = choose(allowed);
      allowed.length = 0;
      return picked;
    },
    settle(candidate, report) {
      const seat = roster.settle(candidate.id);
      if (seat === undefined || report.outcome !== "failure") return;
      const nowMs = clock.now();
      seat.debt = debtNow(seat, nowMs) + 1;
      seat.debtAtMs = nowMs;
    },
  };
};
