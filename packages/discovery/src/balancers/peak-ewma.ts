import {
  recentMs,
  requireDuration,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
} from "@dp/core";
import type {
  Balancer,
  BalancerOptions,
  Candidate,
  PickRequest,
  Report,
} from "./balancer.ts";
import { addDebt, debtAt, DebtSeat } from "./failure-debt.ts";
import { reportedLatency } from "./reported-latency.ts";
import { TwoChoices } from "./two-choices.ts";

export interface PeakEwmaOptions extends BalancerOptions {
  /** How long until a slow answer counts for 1/e of what it did. @defaultValue 10s */
  readonly decay?: Duration | undefined;
}

/** Beyond any load of a candidate that has answered; Finagle's figure. */
const coldCost = 2 ** 47;
/** So that counts still decide between latencies of nothing. */
const leastMs = 0.001;
/** Each success moves the typical latency by this part of the difference. */
const typicalShare = 1 / 16;

class EwmaSeat extends DebtSeat {
  /** No success yet. */
  cold = true;
  /** The slowest answer, as of `peakAtMs`; fades exponentially. */
  peakMs = 0;
  peakAtMs = 0;
  /** Since when requests have been in flight without any being settled; Infinity with none in flight. */
  quietSinceMs: number = Infinity;
}

class PeakEwma extends TwoChoices<EwmaSeat> implements Balancer {
  readonly #options: PeakEwmaOptions;
  readonly #clock: Clock;
  readonly #decayMs: number;
  #typicalMs: number | undefined;
  /** The time of the pick or report under way. */
  #nowMs = 0;

  constructor(options: PeakEwmaOptions) {
    super(EwmaSeat, options.random ?? systemRandom);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#decayMs = requireDuration("decay", options.decay ?? "10s", 1);
  }

  fork(): Balancer {
    return new PeakEwma(this.#options);
  }

  pick(request?: PickRequest): Candidate | undefined {
    this.#nowMs = recentMs(this.#clock);
    const seat = this.choose(request?.exclude);
    if (seat === undefined) return undefined;
    if (seat.inFlight++ === 0) seat.quietSinceMs = this.#nowMs;
    return seat.candidate;
  }

  settle(candidate: Candidate, report: Report): void {
    const seat = this.roster.settle(candidate);
    if (seat === undefined) return;
    const nowMs = recentMs(this.#clock);
    this.#nowMs = nowMs;
    const quietMs = nowMs - seat.quietSinceMs;
    seat.quietSinceMs = seat.inFlight > 0 ? nowMs : Infinity;
    const { outcome } = report;
    const latencyMs = reportedLatency(report) ?? -1;
    // Something has been in flight that long, whichever request this is about.
    let slowestMs = Math.max(quietMs, 0);
    if (outcome === "success") {
      if (latencyMs >= 0) this.#learnTypical(latencyMs);
      if (latencyMs >= 0 || quietMs > 0) seat.cold = false;
    } else if (outcome === "failure") {
      addDebt(seat, nowMs);
      slowestMs = Math.max(slowestMs, this.#typicalMs ?? 0);
    }
    if (outcome !== "cancelled" && latencyMs > slowestMs) slowestMs = latencyMs;
    if (slowestMs < this.#peakNow(seat)) return;
    seat.peakMs = slowestMs;
    seat.peakAtMs = nowMs;
  }

  protected override isCheaper(one: EwmaSeat, other: EwmaSeat): boolean {
    return this.#costOf(one) < this.#costOf(other);
  }

  #costOf(seat: EwmaSeat): number {
    const nowMs = this.#nowMs;
    const pending =
      seat.debt === 0 ? seat.inFlight : seat.inFlight + debtAt(seat, nowMs);
    if (seat.cold) return (coldCost * pending) / seat.weight;
    const quietMs = nowMs - seat.quietSinceMs;
    const costMs = Math.max(this.#peakNow(seat), quietMs, leastMs);
    return (costMs * (pending + 1)) / seat.weight;
  }

  #peakNow(seat: EwmaSeat): number {
    return (
      seat.peakMs * Math.exp((seat.peakAtMs - this.#nowMs) / this.#decayMs)
    );
  }

  #learnTypical(latencyMs: number): void {
    this.#typicalMs ??= latencyMs;
    this.#typicalMs += (latencyMs - this.#typicalMs) * typicalShare;
  }
}

/**
 * The one of two distinct candidates drawn at random that will answer sooner, by the slowest of its recent answers.
 *
 * Load is peak latency * (in flight + recent failures + 1) / weight. The peak jumps up to a slow answer at once and
 * fades with `decay`, whatever the rate of picks and answers. It also rises while requests are in flight and nothing
 * comes back, so an instance that hangs is noticed before the first timeout. A candidate without a success yet is
 * tried once at a time; while that is in flight, and for some seconds after a failure, every other is preferred. A
 * failure counts as an answer at the pace of the others and as a request in flight for about ten seconds, so fast
 * failures attract no more than a share. Report latencies: a success without one shows only how long nothing came
 * back, which is all of it when there was one request at a time and next to nothing under load. O(1); O(n) when most
 * are excluded.
 *
 * Throws `InvalidOptionError`. Source: Finagle's `PeakEwma`, of which this is the limit under load: there each look at
 * the average lets it fade, so that only the peak, faded by its age, is left.
 */
export const peakEwma = (options: PeakEwmaOptions = {}): Balancer =>
  new PeakEwma(options);
