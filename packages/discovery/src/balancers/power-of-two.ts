import { systemClock, systemRandom, type Clock } from "@dp/core";
import type {
  Balancer,
  BalancerOptions,
  Candidate,
  PickRequest,
  Report,
} from "./balancer.ts";
import { addDebt, debtAt, DebtSeat } from "./failure-debt.ts";
import { TwoChoices } from "./two-choices.ts";

class PowerOfTwo extends TwoChoices<DebtSeat> implements Balancer {
  readonly #options: BalancerOptions;
  readonly #clock: Clock;

  constructor(options: BalancerOptions) {
    super(DebtSeat, options.random ?? systemRandom);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  fork(): Balancer {
    return new PowerOfTwo(this.#options);
  }

  pick(request?: PickRequest): Candidate | undefined {
    const seat = this.choose(request?.exclude);
    if (seat === undefined) return undefined;
    seat.inFlight++;
    return seat.candidate;
  }

  settle(candidate: Candidate, report: Report): void {
    const seat = this.roster.settle(candidate);
    if (seat !== undefined && report.outcome === "failure")
      addDebt(seat, this.#clock.now());
  }

  protected override isCheaper(one: DebtSeat, other: DebtSeat): boolean {
    return (
      this.#requestsOf(one) * other.weight <
      this.#requestsOf(other) * one.weight
    );
  }

  #requestsOf(seat: DebtSeat): number {
    const requests = seat.inFlight + 1;
    if (seat.debt === 0) return requests;
    return requests + debtAt(seat, this.#clock.now());
  }
}

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
export const powerOfTwo = (options: BalancerOptions = {}): Balancer =>
  new PowerOfTwo(options);
