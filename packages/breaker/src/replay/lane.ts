import type { Random } from "@dp/core";
import { breaker, type CircuitBreaker } from "../circuit-breaker.ts";
import type { BreakerEvent, CircuitState } from "../circuit-state.ts";
import type { Permit } from "../permit.ts";
import type { ReplayConfiguration } from "./configuration.ts";
import { Heap } from "./heap.ts";
import type { NumberedCall } from "./logged-call.ts";
import { Openings } from "./openings.ts";
import { ReplayLogError } from "./replay-log-error.ts";
import type { ConfigurationReport } from "./report.ts";
import { Slices } from "./slices.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** More than any service has; a log whose durations are too long by a unit would take all memory. */
const mostUnderWay = 1_000_000;

/** A call that was let through. */
interface Flight {
  readonly endMs: number;
  /** Of those that end at one moment the one that began first ends first. */
  readonly begun: number;
  readonly permit: Permit;
  readonly failed: boolean;
}

const endsBefore = (a: Flight, b: Flight): boolean =>
  a.endMs === b.endMs ? a.begun < b.begun : a.endMs < b.endMs;

/**
 * One breaker that meets the calls of a log in virtual time. Memory grows with the calls that are under way at one
 * moment, not with the log.
 */
export class Lane {
  readonly #breaker: CircuitBreaker;
  readonly #clock: VirtualClock;
  readonly #flights = new Heap<Flight>(endsBefore);
  readonly #openings = new Openings();
  readonly #open: Slices;
  readonly #halfOpen: Slices;
  readonly #totals = {
    calls: 0,
    failures: 0,
    admitted: 0,
    admittedFailures: 0,
    refusedRightly: 0,
    refusedWrongly: 0,
    openMs: 0,
    halfOpenMs: 0,
  };
  /** Up to here its states are in the slices. */
  #toldMs: number;

  constructor(
    configuration: ReplayConfiguration,
    startMs: number,
    random: Random,
  ) {
    const { name, trip, openFor, probes, probeLease, ramp } = configuration;
    const clock = new VirtualClock(startMs);
    this.#clock = clock;
    this.#toldMs = startMs;
    this.#open = new Slices(startMs);
    this.#halfOpen = new Slices(startMs);
    this.#breaker = breaker({
      ...{ name, trip, openFor, probes, probeLease, ramp },
      ...{ clock, random },
    });
    this.#breaker.on((event) => this.#note(event));
  }

  /** The next call in the order of beginning. */
  begin({ line, atMs, durationMs, outcome }: NumberedCall): void {
    this.#settleUntil(atMs);
    if (this.#flights.size >= mostUnderWay)
      throw new ReplayLogError(
        line,
        `must not begin while ${mostUnderWay} calls are under way: is durationMs in milliseconds?`,
      );
    this.#clock.moveTo(atMs);
    const failed = outcome === "failure";
    const totals = this.#totals;
    totals.calls++;
    if (failed) totals.failures++;
    const permit = this.#breaker.tryPermit();
    if (permit === undefined) {
      if (failed) totals.refusedRightly++;
      else totals.refusedWrongly++;
      this.#openings.refuse(failed);
      return;
    }
    totals.admitted++;
    if (failed) totals.admittedFailures++;
    const flight = { endMs: atMs + durationMs, begun: totals.calls };
    this.#flights.add({ ...flight, permit, failed });
  }

  /** What it came to, once every call has begun. `endMs`: when the last call of the log ends. */
  finish(endMs: number): ConfigurationReport {
    this.#settleUntil(endMs);
    this.#clock.moveTo(endMs);
    // Reading it makes the breaker tell what time alone has changed since.
    this.#tell(this.#breaker.state, endMs);
    const { calls, refusedRightly, refusedWrongly } = this.#totals;
    const { count, listed } = this.#openings;
    return {
      name: this.#breaker.name,
      totals: {
        ...this.#totals,
        refusedShare: (refusedRightly + refusedWrongly) / calls,
        openings: count,
      },
      openings: listed,
      unlistedOpenings: count - listed.length,
      slices: {
        openMs: this.#open.until(endMs).amounts,
        halfOpenMs: this.#halfOpen.until(endMs).amounts,
      },
    };
  }

  #settleUntil(ms: number): void {
    for (
      let flight = this.#flights.first;
      flight !== undefined && flight.endMs <= ms;
      flight = this.#flights.first
    ) {
      this.#flights.take();
      this.#clock.moveTo(flight.endMs);
      if (flight.failed) flight.permit.failure();
      else flight.permit.success();
    }
  }

  #note(event: BreakerEvent): void {
    if (event.type !== "transition") return;
    const { from, to, atMs, why } = event;
    this.#tell(from, atMs);
    if (to === "closed") this.#openings.end(atMs);
    else if (from === "closed") this.#openings.begin(atMs, why.text);
    else if (to === "open") this.#openings.reopen();
  }

  /** It was in that state from what was told last until `untilMs`. */
  #tell(state: CircuitState, untilMs: number): void {
    const spentMs = untilMs - this.#toldMs;
    if (state === "open") {
      this.#open.addSpan(this.#toldMs, untilMs);
      this.#totals.openMs += spentMs;
    } else if (state === "half-open") {
      this.#halfOpen.addSpan(this.#toldMs, untilMs);
      this.#totals.halfOpenMs += spentMs;
    }
    this.#toldMs = untilMs;
  }
}
