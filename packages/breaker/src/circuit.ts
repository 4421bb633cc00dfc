import { systemClock, systemRandom, type Clock, type Random } from "@dp/core";
import { Breaks } from "./breaks.ts";
import type { BreakerInspection, CircuitState, Why } from "./circuit-state.ts";
import { IssuedPermit, type PermitOwner } from "./issued-permit.ts";
import type { BreakerSettings } from "./options.ts";
import type { PolicySettings } from "./policy.ts";
import { Probes } from "./probes.ts";
import * as reasons from "./reasons.ts";
import type { TripWindow } from "./trip/trip.ts";

/** What the circuit is in, apart from isolation, which lies over it like a lid. */
type Phase =
  | { readonly state: "closed" }
  | { readonly state: "open"; readonly untilMs: number }
  | Probes;

const closed: Phase = { state: "closed" };

/** Told of every change of state, after it is complete. */
export type OnTransition = (
  from: CircuitState,
  to: CircuitState,
  why: Why,
  atMs: number,
) => void;

/**
 * The state machine of a circuit breaker: synchronous, without timers or promises. What time alone changes (a break
 * that is over, a probe's lease that ran out) is caught up with whenever somebody reads or asks, dated to when it was
 * due, so that what is read never depends on who has read before.
 */
export class Circuit implements PermitOwner {
  /** Calls by what became of them: plain numbers for the metrics. */
  readonly tally = { success: 0, failure: 0, ignore: 0, late: 0, refused: 0 };

  readonly #settings: BreakerSettings;
  readonly #onTransition: OnTransition;
  readonly #window: TripWindow;
  readonly #readsNow: boolean;
  readonly #readsElapsed: boolean;
  readonly #isolations = new Set<{ readonly reason: string }>();
  /** Clock and random as far as somebody has chosen them. */
  #given: Pick<PolicySettings, "clock" | "random">;
  #clock: Clock;
  #random: Random;
  #phase: Phase = closed;
  /** Rises with every change of state and every reset; results of an older one are late. */
  #generation = 0;
  readonly #breaks: Breaks;
  /** Why it is in a phase other than closed. */
  #why: Why = reasons.reset;

  constructor(settings: BreakerSettings, onTransition: OnTransition) {
    this.#settings = settings;
    this.#onTransition = onTransition;
    this.#given = settings;
    this.#clock = settings.clock ?? systemClock;
    this.#random = settings.random ?? systemRandom;
    this.#breaks = new Breaks(settings.openFor);
    this.#window = settings.trip.create();
    this.#window.reset(this.#clock.now());
    const { reads = "elapsed" } = this.#window;
    this.#readsNow = reads !== "nothing";
    this.#readsElapsed = reads === "elapsed";
  }

  get state(): CircuitState {
    if (this.#phase !== closed) this.#catchUp(this.#clock.now());
    return this.#isolations.size > 0 ? "isolated" : this.#phase.state;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** Takes what nobody has set yet, as long as nothing has been timed by another clock. */
  adopt({ clock, random }: PolicySettings): void {
    const { success, failure, ignore } = this.tally;
    if (this.#generation + success + failure + ignore > 0) return;
    this.#given = {
      clock: this.#given.clock ?? clock,
      random: this.#given.random ?? random,
    };
    this.#clock = this.#given.clock ?? systemClock;
    this.#random = this.#given.random ?? systemRandom;
    this.#window.reset(this.#clock.now());
  }

  /** Leave for one call, or undefined if the circuit refuses it. */
  admit(): IssuedPermit | undefined {
    if (this.#phase === closed && this.#isolations.size === 0)
      return new IssuedPermit(
        this,
        this.#generation,
        this.#readsElapsed ? this.#clock.now() : 0,
      );
    const now = this.#clock.now();
    this.#catchUp(now);
    // A listener told of the change may have closed the circuit or taken a probe itself.
    const phase = this.#phase;
    const refuses =
      this.#isolations.size > 0 ||
      phase.state === "open" ||
      (phase.state === "half-open" && phase.full);
    if (refuses) {
      this.tally.refused++;
      return undefined;
    }
    const permit = new IssuedPermit(this, this.#generation, now);
    if (phase.state === "half-open") phase.add(permit);
    return permit;
  }

  settle(
    permit: IssuedPermit,
    verdict: "success" | "failure" | "ignore",
    error: unknown,
  ): void {
    if (this.#phase !== closed) this.#catchUp(this.#clock.now());
    if (permit.generation !== this.#generation) {
      this.tally.late++;
      return;
    }
    this.tally[verdict]++;
    if (this.#phase.state === "half-open")
      this.#settleProbe(this.#phase, permit, verdict, error);
    else if (verdict !== "ignore")
      this.#count(verdict === "success", permit.issuedAtMs, error);
  }

  #count(success: boolean, issuedAtMs: number, error: unknown): void {
    const window = this.#window;
    const now = this.#readsNow ? this.#clock.now() : 0;
    const tripped = success
      ? window.success(now, now - issuedAtMs)
      : window.failure(now, now - issuedAtMs);
    if (!tripped) return;
    const atMs = this.#clock.now();
    const counts = window.counts(atMs);
    this.#open(atMs, (openForMs) =>
      reasons.tripped(window, counts, openForMs, error),
    );
  }

  #settleProbe(
    probes: Probes,
    permit: IssuedPermit,
    verdict: "success" | "failure" | "ignore",
    error: unknown,
  ): void {
    const decided = probes.settle(permit, verdict);
    if (decided === undefined) return;
    const now = this.#clock.now();
    if (decided === "passed")
      this.#close(now, reasons.probesPassed(probes.needed));
    else this.#open(now, (openForMs) => reasons.probeFailed(openForMs, error));
  }

  /** Does what time alone has decided up to `now`. */
  #catchUp(now: number): void {
    if (this.#isolations.size > 0) return;
    if (this.#phase.state === "half-open") {
      const { expiresAtMs, leaseMs } = this.#phase;
      if (now < expiresAtMs) return;
      this.#open(expiresAtMs, (openForMs) =>
        reasons.probeExpired(openForMs, leaseMs),
      );
    }
    // Read anew: a listener told of the opening may have changed it.
    const phase = this.#phase;
    if (phase.state === "open" && now >= phase.untilMs)
      this.#change(
        this.#probing(),
        phase.untilMs,
        reasons.breakOver(this.#settings.probes),
      );
  }

  #probing(): Probes {
    return new Probes(this.#settings.probes, this.#settings.probeLeaseMs);
  }

  #open(atMs: number, explain: (openForMs: number) => Why): void {
    const untilMs = this.#breaks.begin(atMs, this.#random);
    const why = explain(this.#breaks.lastMs);
    this.#change({ state: "open", untilMs }, atMs, why);
  }

  #close(atMs: number, why: Why): void {
    this.#forget(atMs);
    this.#change(closed, atMs, why);
  }

  #forget(now: number): void {
    this.#breaks.forget();
    this.#window.reset(now);
  }

  #change(phase: Phase, atMs: number, why: Why): void {
    const from = this.#phase.state;
    this.#generation++;
    this.#phase = phase;
    this.#why = why;
    this.#onTransition(from, phase.state, why, atMs);
  }

  /** Refuses everything until the function returned is called. */
  isolate(reason: string): () => void {
    const now = this.#clock.now();
    this.#catchUp(now);
    const isolation = { reason };
    this.#isolations.add(isolation);
    if (this.#isolations.size === 1) {
      this.#generation++;
      const why = reasons.isolated([reason]);
      this.#onTransition(this.#phase.state, "isolated", why, now);
    }
    return () => {
      if (this.#isolations.delete(isolation) && this.#isolations.size === 0)
        this.#release();
    };
  }

  #release(): void {
    const now = this.#clock.now();
    const phase = this.#phase;
    if (phase.state === "closed") this.#window.reset(now);
    else if (phase.state === "half-open" || now >= phase.untilMs)
      this.#phase = this.#probing();
    this.#generation++;
    this.#why = reasons.released;
    this.#onTransition("isolated", this.#phase.state, reasons.released, now);
  }

  /** Closes what is under the isolations, if any, and forgets all results. Returns when that was. */
  reset(): number {
    const now = this.#clock.now();
    this.#catchUp(now);
    if (this.#phase !== closed && this.#isolations.size === 0)
      this.#close(now, reasons.reset);
    else {
      this.#forget(now);
      this.#generation++;
      this.#phase = closed;
    }
    return now;
  }

  /** What a call is told that is refused now. */
  refusal(): { kind: "open" | "isolated"; retryAfterMs: number | undefined } {
    const kind = this.#isolations.size > 0 ? "isolated" : "open";
    return { kind, retryAfterMs: this.#retryAfterMs(this.#clock.now()) };
  }

  /** While refusing: milliseconds until another try makes sense; undefined if only a person can tell. */
  #retryAfterMs(now: number): number | undefined {
    const phase = this.#phase;
    if (this.#isolations.size > 0 || phase.state === "closed") return undefined;
    if (phase.state === "open")
      return phase.untilMs === Infinity
        ? undefined
        : Math.max(0, phase.untilMs - now);
    if (!phase.full) return undefined;
    // The verdict is there when the oldest lease ends, at the latest; until then the last break is the best guess.
    return Math.max(0, Math.min(phase.expiresAtMs - now, this.#breaks.lastMs));
  }

  inspect(): BreakerInspection {
    const now = this.#clock.now();
    this.#catchUp(now);
    const phase = this.#phase;
    const isolated = this.#isolations.size > 0;
    const counts = this.#window.counts(now);
    return {
      name: this.#settings.name,
      state: isolated ? "isolated" : phase.state,
      counts,
      failureRate: counts.total === 0 ? 0 : counts.failures / counts.total,
      retryAfterMs: this.#retryAfterMs(now),
      openedAtMs: this.#breaks.startedAtMs,
      probes:
        phase.state === "half-open" && !isolated
          ? {
              passed: phase.passed,
              pending: phase.pending,
              needed: phase.needed,
            }
          : undefined,
      why: isolated
        ? reasons.isolated(Array.from(this.#isolations, (each) => each.reason))
        : phase.state === "closed"
          ? reasons.counting(this.#window, counts)
          : this.#why,
    };
  }
}
