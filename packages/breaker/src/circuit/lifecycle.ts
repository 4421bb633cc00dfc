import { Breaks } from "./breaks.ts";
import type { BreakerSnapshot, CircuitState, Why } from "../circuit-state.ts";
import type { Evidence } from "./evidence.ts";
import type { CircuitParts } from "./inspection.ts";
import { Isolations } from "./isolations.ts";
import type { BreakerSettings } from "../options.ts";
import { closed, type Phase } from "./phase.ts";
import { Probes } from "./probes.ts";
import { Ramp } from "./ramp.ts";
import * as reasons from "./reasons.ts";
import { retryAfterMs } from "./retry-after.ts";
import { requireSnapshot, restoreParts } from "./snapshot.ts";
import type { Timing } from "../timing.ts";

/** Told of every change of state, after it is complete. */
export type OnTransition = (
  from: CircuitState,
  to: CircuitState,
  why: Why,
  atMs: number,
) => void;

/** What a call is told that is refused. */
export interface Refusal {
  readonly kind: "open" | "isolated";
  /** While calls are let in little by little: the share that passes. */
  readonly passing: number | undefined;
  readonly retryAfterMs: number | undefined;
}

/**
 * The states of a circuit and the ways between them. What time alone changes (a break that is over, a probe's lease
 * that ran out, a call under way that has become slow) is caught up with whenever somebody reads or asks, dated to when
 * it was due, so that what is read never depends on who has read before.
 */
export class Lifecycle {
  /** Whether calls just pass: closed, not isolated, no ramp, no watch on calls under way. */
  passes: boolean;
  /** Rises with every change of state and every reset; results of an older one are late. */
  generation = 0;
  readonly #settings: BreakerSettings;
  readonly #onTransition: OnTransition;
  readonly #timing: Timing;
  readonly #evidence: Evidence;
  readonly #isolations = new Isolations();
  readonly #breaks: Breaks;
  #phase: Phase = closed;
  #ramp: Ramp | undefined;
  /** Why it is in a phase other than closed. */
  #why: Why = reasons.reset;

  constructor(
    settings: BreakerSettings,
    timing: Timing,
    evidence: Evidence,
    onTransition: OnTransition,
  ) {
    this.#settings = settings;
    this.#timing = timing;
    this.#evidence = evidence;
    this.#onTransition = onTransition;
    this.#breaks = new Breaks(settings.openFor);
    this.passes = !evidence.watches;
  }

  /** As of the last {@link Lifecycle.catchUp}. */
  get phase(): Phase {
    return this.#phase;
  }

  get isIsolated(): boolean {
    return this.#isolations.any;
  }

  get state(): CircuitState {
    return this.#isolations.any ? "isolated" : this.#phase.state;
  }

  /** Does what time alone has decided up to `now`. */
  catchUp(now: number): void {
    if (this.#isolations.any) return;
    if (this.#phase === closed) {
      if (this.#ramp !== undefined && now >= this.#ramp.endMs) this.#endRamp();
      const trippedMs = this.#evidence.window.flights?.trippedMs(now);
      if (trippedMs !== undefined) this.trip(trippedMs, undefined);
    }
    if (this.#phase.state === "half-open") {
      const { expiresAtMs, leaseMs } = this.#phase;
      if (now < expiresAtMs) return;
      this.open(expiresAtMs, (openForMs) =>
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

  /** Whether another call may pass. Counts it as passed, where that matters. */
  admits(now: number): boolean {
    const phase = this.#phase;
    if (this.#isolations.any || phase.state === "open") return false;
    if (phase.state === "half-open") return !phase.full;
    return this.#ramp?.admits(now) ?? true;
  }

  refusal(now: number): Refusal {
    const isolated = this.#isolations.any;
    return {
      kind: isolated ? "isolated" : "open",
      passing: isolated ? undefined : this.#ramp?.shareAt(now),
      retryAfterMs: retryAfterMs({
        now,
        phase: this.#phase,
        isolations: this.#isolations,
        breaks: this.#breaks,
        ramp: this.#ramp,
      }),
    };
  }

  #probing(): Probes {
    return new Probes(this.#settings.probes, this.#settings.probeLeaseMs);
  }

  /** The trip says so. */
  trip(atMs: number, error: unknown): void {
    this.open(atMs, (openForMs) =>
      this.#evidence.explain(atMs, openForMs, error),
    );
  }

  open(atMs: number, explain: (openForMs: number) => Why): void {
    const untilMs = this.#breaks.begin(atMs, this.#timing.random);
    const why = explain(this.#breaks.lastMs);
    this.#change({ state: "open", untilMs }, atMs, why);
  }

  /** The probes have passed. */
  recover(now: number, probes: number): void {
    this.#breaks.end(now);
    this.#evidence.forget(now);
    const { rampMs } = this.#settings;
    this.#ramp = rampMs > 0 ? new Ramp(now, rampMs) : undefined;
    this.#change(closed, now, reasons.probesPassed(probes));
  }

  #endRamp(): void {
    this.#ramp = undefined;
    this.#refresh();
  }

  #change(phase: Phase, atMs: number, why: Why): void {
    const from = this.#phase.state;
    if (phase !== closed) this.#ramp = undefined;
    this.#turn(phase, why);
    if (from !== phase.state) this.#onTransition(from, phase.state, why, atMs);
  }

  /** A new generation. */
  #turn(phase: Phase, why: Why): void {
    this.generation++;
    this.#phase = phase;
    this.#why = why;
    this.#refresh();
  }

  #refresh(): void {
    this.passes =
      this.#phase === closed &&
      this.#ramp === undefined &&
      !this.#evidence.watches &&
      !this.#isolations.any;
  }

  /** Refuses everything until the function returned is called. */
  isolate(reason: string): () => void {
    const now = this.#timing.clock.now();
    this.catchUp(now);
    const isFirst = !this.#isolations.any;
    const release = this.#isolations.add(reason);
    if (isFirst) {
      this.#turn(this.#phase, this.#why);
      const why = reasons.isolated([reason]);
      this.#onTransition(this.#phase.state, "isolated", why, now);
    }
    return () => {
      if (release()) this.#release();
    };
  }

  #release(): void {
    const now = this.#timing.clock.now();
    const phase = this.#phase;
    if (phase.state === "closed") this.#evidence.window.reset(now);
    const resumes =
      phase.state === "half-open" ||
      (phase.state === "open" && now >= phase.untilMs);
    this.#turn(resumes ? this.#probing() : phase, reasons.released);
    this.#onTransition("isolated", this.#phase.state, reasons.released, now);
  }

  /** Closes what is under the isolations, if any, and forgets all results. Returns when that was. */
  reset(): number {
    const now = this.#timing.clock.now();
    this.catchUp(now);
    this.#forget(now);
    if (this.#isolations.any) this.#turn(closed, reasons.reset);
    else this.#change(closed, now, reasons.reset);
    return now;
  }

  #forget(now: number): void {
    this.#breaks.forget();
    this.#evidence.forget(now);
    this.#ramp = undefined;
  }

  upToDate(): CircuitParts {
    const now = this.#timing.clock.now();
    this.catchUp(now);
    return {
      now,
      name: this.#settings.name,
      phase: this.#phase,
      isolations: this.#isolations,
      window: this.#evidence.window,
      breaks: this.#breaks,
      ramp: this.#ramp,
      why: this.#why,
    };
  }

  restore(snapshot: BreakerSnapshot): void {
    const { state } = requireSnapshot(snapshot);
    const { clock } = this.#timing;
    const now = clock.now();
    this.catchUp(now);
    this.#forget(now);
    const leftMs = restoreParts(
      snapshot,
      this.#breaks,
      this.#evidence.window,
      now,
      clock.wallNow(),
    );
    const phase: Phase =
      state === "closed"
        ? closed
        : state === "open"
          ? { state, untilMs: now + leftMs }
          : this.#probing();
    if (this.#isolations.any) this.#turn(phase, reasons.restored);
    else this.#change(phase, now, reasons.restored);
  }
}
