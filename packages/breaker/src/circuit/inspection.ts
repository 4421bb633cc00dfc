import type { BreakerInspection, Counts, Why } from "../circuit-state.ts";
import * as reasons from "./reasons.ts";
import { retryAfterMs, type RefusingParts } from "./retry-after.ts";
import type { TripWindow } from "../trip/trip.ts";

/** The parts of a circuit. */
export interface CircuitParts extends RefusingParts {
  readonly name: string;
  readonly window: TripWindow;
  /** Why it is in a phase other than closed. */
  readonly why: Why;
}

/** A circuit that is up to date, in words and numbers for whoever looks. */
export const inspectionOf = (parts: CircuitParts): BreakerInspection => {
  const { now, name, phase, isolations, window, breaks, ramp } = parts;
  const counts = window.counts(now);
  const isolated = isolations.any;
  return {
    name,
    state: isolated ? "isolated" : phase.state,
    counts,
    failureRate: counts.total === 0 ? 0 : counts.failures / counts.total,
    retryAfterMs: retryAfterMs(parts),
    openedAtMs: breaks.startedAtMs,
    probes:
      phase.state === "half-open" && !isolated
        ? {
            passed: phase.passed,
            pending: phase.pending,
            needed: phase.needed,
          }
        : undefined,
    passing: isolated ? undefined : ramp?.shareAt(now),
    why: whyOf(parts, counts),
  };
};

const whyOf = (
  { now, phase, isolations, window, why }: CircuitParts,
  counts: Counts,
): Why => {
  if (isolations.any) return reasons.isolated(isolations.reasons);
  return phase.state === "closed" ? reasons.counting(window, counts, now) : why;
};
