import {
  requireDuration,
  systemClock,
  systemRandom,
  type Duration,
} from "@dp/core";
import type { Balancer, BalancerOptions } from "./balancer.ts";
import { addDebt, debtAt, type DebtSeat } from "./failure-debt.ts";
import { Roster } from "./roster.ts";
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

interface EwmaSeat extends DebtSeat {
  /** No success yet. */
  cold: boolean;
  /** The slowest answer, as of `peakAtMs`; fades exponentially. */
  peakMs: number;
  peakAtMs: number;
  /** Since when requests have been in flight without any being settled; Infinity with none in flight. */
  quietSinceMs: number;
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
export const peakEwma = (options: PeakEwmaOptions = {}): Balancer => {
  const { clock = systemClock, random = systemRandom } = options;
  const decayMs = requireDuration("decay", options.decay ?? "10s", 1);
  let typicalMs: number | undefined;
  /** The time of the pick under way. */
  let nowMs = 0;
  const roster = new Roster<EwmaSeat>((candidate) => ({
    candidate,
    weight: candidate.weight,
    inFlight: 0,
    seated: true,
    debt: 0,
    debtAtMs: 0,
    cold: true,
    peakMs: 0,
    peakAtMs: 0,
    quietSinceMs: Infinity,
  }));

  const peakNow = (seat: EwmaSeat): number =>
    seat.peakMs * Math.exp((seat.peakAtMs - nowMs) / decayMs);

  const costOf = (seat: EwmaSeat): number => {
    const pending =
      seat.debt === 0 ? seat.inFlight : seat.inFlight + debtAt(seat, nowMs);
    if (seat.cold) return (coldCost * pending) / seat.weight;
    const costMs = Math.max(peakNow(seat), nowMs - seat.quietSinceMs, leastMs);
    return (costMs * (pending + 1)) / seat.weight;
  };
  const choices = new TwoChoices(
    roster,
    random,
    (one, other) => costOf(one) < costOf(other),
  );

  const observe = (seat: EwmaSeat, latencyMs: number): void => {
    if (latencyMs < peakNow(seat)) return;
    seat.peakMs = latencyMs;
    seat.peakAtMs = nowMs;
  };

  const succeed = (seat: EwmaSeat, latencyMs: number | undefined): void => {
    if (latencyMs === undefined || !(latencyMs >= 0)) return;
    seat.cold = false;
    observe(seat, latencyMs);
    typicalMs ??= latencyMs;
    typicalMs += (latencyMs - typicalMs) * typicalShare;
  };

  return {
    fork: () => peakEwma(options),
    update: (candidates) => roster.update(candidates),
    pick(request) {
      nowMs = clock.now();
      const seat = choices.choose(request?.exclude);
      if (seat === undefined) return undefined;
      if (seat.inFlight++ === 0) seat.quietSinceMs = nowMs;
      return seat.candidate;
    },
    settle(candidate, report) {
      const seat = roster.settle(candidate);
      if (seat === undefined) return;
      nowMs = clock.now();
      const quietMs = nowMs - seat.quietSinceMs;
      seat.quietSinceMs = seat.inFlight > 0 ? nowMs : Infinity;
      if (report.outcome === "success") {
        succeed(seat, report.latencyMs);
        if (quietMs > 0) seat.cold = false;
      } else if (report.outcome === "failure") {
        addDebt(seat, nowMs);
        observe(seat, Math.max(typicalMs ?? 0, report.latencyMs ?? 0));
      }
      // Something has been in flight that long, whichever request this is about.
      observe(seat, Math.max(quietMs, 0));
    },
  };
};
