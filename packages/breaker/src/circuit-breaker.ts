import { createEmitter, type MetricFamily, type MetricSource } from "@dp/core";
import { breakerMetrics } from "./circuit/breaker-metrics.ts";
import type { Call, CallContext } from "./call.ts";
import { Circuit } from "./circuit/circuit.ts";
import type {
  BreakerEvent,
  BreakerInspection,
  BreakerSnapshot,
  CircuitState,
  WhyData,
} from "./circuit-state.ts";
import type { Classify, Outcome, Verdict } from "./classify.ts";
import {
  judge,
  LoneContext,
  loneScope,
  scopeOf,
  type CallScope,
} from "./context.ts";
import { refusal, type ResilienceError } from "./errors.ts";
import { readHints } from "./hints/hint-board.ts";
import type { HintChannel } from "./hints/hint-channel.ts";
import {
  resolveBreakerOptions,
  type BreakerOptions,
  type BreakerSettings,
} from "./options.ts";
import type { Permit } from "./permit.ts";
import type { Policy, PolicySettings } from "./policy.ts";

/**
 * Stops calling a service that fails, and finds out by a few probes when it works again.
 *
 * Use `run` for a call in one function, `permit`/`tryPermit` where a call begins and ends in different places, or put
 * the breaker into a `pipeline`. Inside a retry it sees every attempt, outside of one the final result only.
 *
 * Everything is synchronous but the guarded call itself, so any number of calls may be under way. There are no timers:
 * the state follows from the clock whenever it is read. Memory is constant, whatever the load.
 */
export interface CircuitBreaker extends Policy, MetricSource {
  readonly name: string;
  readonly state: CircuitState;
  /**
   * Calls `call` and hands its result on, unless the circuit refuses: then rejects with a `ResilienceError` of kind
   * `open` or `isolated`, without having called it.
   */
  run<T>(call: Call<T>): Promise<T>;
  /** Leave for one call. Throws a `ResilienceError` of kind `open` or `isolated` if the circuit refuses. */
  permit(): Permit;
  /** Leave for one call, or undefined if the circuit refuses: the same as `permit` without the cost of an error. */
  tryPermit(): Permit | undefined;
  /**
   * Refuses all calls until the handle returned is disposed. Any number of handles may be held; the last one to go
   * gives the circuit back as it was, except that a closed one starts with an empty window and a half-open one with
   * all its probes. A break goes on meanwhile.
   */
  isolate(reason?: string): Disposable;
  /**
   * Closes the circuit and forgets all results, also those of calls under way. Who has isolated it keeps it isolated.
   */
  reset(): void;
  /** The circuit now, with counts and the reason for its state. */
  inspect(): BreakerInspection;
  /** The circuit as JSON, for a process that starts where this one ends. Isolations are left out. */
  snapshot(): BreakerSnapshot;
  /**
   * Goes on from a snapshot, less the wall time that has passed since: the rest of a break, the breaks that count, what
   * the trip remembered. Calls under way count for nothing any more. Throws `InvalidOptionError` and changes nothing if
   * it is no snapshot.
   */
  restore(snapshot: BreakerSnapshot): void;
  /**
   * Calls `listener` for every event, synchronously and in order, after the change is complete; returns a function
   * that removes it. What a listener throws never reaches a call: it surfaces as an uncaught exception.
   */
  on(listener: (event: BreakerEvent) => void): () => void;
}

/** Creates a {@link CircuitBreaker}. Throws `InvalidOptionError` for an option out of bounds. */
export const breaker = (options: BreakerOptions = {}): CircuitBreaker =>
  new Breaker(resolveBreakerOptions(options));

/** A break without end is told again when somebody else opens. */
const longestHintMs = 86_400_000;

class Breaker implements CircuitBreaker {
  readonly name: string;
  readonly #circuit: Circuit;
  readonly #classify: Classify | undefined;
  readonly #hints: HintChannel | undefined;
  readonly #emitter = createEmitter<BreakerEvent>();
  readonly #entered: Record<CircuitState, number> = {
    closed: 0,
    open: 0,
    "half-open": 0,
    isolated: 0,
  };
  /** Events of changes made by listeners wait here, so that every listener sees all events in order. */
  #waiting: BreakerEvent[] | undefined;

  constructor(settings: BreakerSettings) {
    this.name = settings.name;
    this.#classify = settings.classify;
    this.#hints = settings.hints;
    this.#circuit = new Circuit(settings, (from, to, why, atMs) => {
      this.#entered[to]++;
      this.#tellOthers(why.data);
      this.#emit({ type: "transition", name: this.name, from, to, why, atMs });
    });
    if (settings.hints !== undefined)
      readHints(settings.hints, this.name, this.#circuit);
  }

  get state(): CircuitState {
    return this.#circuit.state;
  }

  run<T>(call: Call<T>): Promise<T> {
    return this.#guard(call, new LoneContext(), loneScope);
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    return this.#guard(next, context, scopeOf(context));
  }

  adopt(settings: PolicySettings): void {
    this.#circuit.adopt(settings);
  }

  isIdle(): boolean {
    return this.state === "closed";
  }

  permit(): Permit {
    const permit = this.#circuit.admit();
    if (permit === undefined) throw this.#refusal();
    return permit;
  }

  tryPermit(): Permit | undefined {
    return this.#circuit.admit();
  }

  isolate(reason = "by hand"): Disposable {
    const release = this.#circuit.isolate(reason);
    return { [Symbol.dispose]: release };
  }

  reset(): void {
    const atMs = this.#circuit.reset();
    this.#emit({ type: "reset", name: this.name, atMs });
  }

  inspect(): BreakerInspection {
    return this.#circuit.inspect();
  }

  snapshot(): BreakerSnapshot {
    return this.#circuit.snapshot();
  }

  restore(snapshot: BreakerSnapshot): void {
    this.#circuit.restore(snapshot);
  }

  on(listener: (event: BreakerEvent) => void): () => void {
    return this.#emitter.on(listener);
  }

  metrics(): MetricFamily[] {
    const { state, tally } = this.#circuit;
    return breakerMetrics(this.name, state, tally, this.#entered);
  }

  #guard<T>(next: Call<T>, context: CallContext, scope: CallScope): Promise<T> {
    if (scope.classify === undefined && this.#classify === undefined) {
      const generation = this.#circuit.pass();
      if (generation !== undefined)
        return this.#pass(next, context, scope, generation);
    }
    const permit = this.#circuit.admit();
    // Not thrown: that would double the cost of a refusal.
    if (permit === undefined) return Promise.reject(this.#refusal());
    return this.#watch(next, context, scope, permit);
  }

  /** The usual call: nothing to ask before it, nobody to ask about what it returns. */
  async #pass<T>(
    next: Call<T>,
    context: CallContext,
    scope: CallScope,
    generation: number,
  ): Promise<T> {
    let value: T;
    try {
      value = await next(context);
    } catch (error) {
      const permit = this.#circuit.permitOf(generation);
      this.#settle(permit, scope, { ok: false, error, elapsedMs: 0 });
      throw error;
    }
    this.#circuit.succeed(generation);
    return value;
  }

  async #watch<T>(
    next: Call<T>,
    context: CallContext,
    scope: CallScope,
    permit: Permit,
  ): Promise<T> {
    const { clock } = this.#circuit;
    const startedMs = clock.now();
    let value: T;
    try {
      value = await next(context);
    } catch (error) {
      const elapsedMs = clock.now() - startedMs;
      this.#settle(permit, scope, { ok: false, error, elapsedMs });
      throw error;
    }
    const elapsedMs = clock.now() - startedMs;
    this.#settle(permit, scope, { ok: true, value, elapsedMs });
    return value;
  }

  #settle(permit: Permit, scope: CallScope, outcome: Outcome): void {
    // A classify that throws must not keep a probe's permit.
    let verdict: Verdict = "ignore";
    try {
      verdict = judge(scope, outcome, this.#classify);
    } finally {
      if (verdict === "success") permit.success();
      else if (verdict === "ignore") permit.ignore();
      else permit.failure(outcome.ok ? undefined : outcome.error);
    }
  }

  #refusal(): ResilienceError {
    const { kind, passing, retryAfterMs } = this.#circuit.refusal();
    const is =
      passing === undefined
        ? kind
        : `recovering and lets ${Math.floor(passing * 100)} % of calls through`;
    const next =
      retryAfterMs === undefined
        ? ""
        : `, try again in ${Math.ceil(retryAfterMs)} ms`;
    return refusal(kind, this.name, `is ${is}${next}`, { retryAfterMs });
  }

  /** Only what was found out here: what others have said is not repeated, or it would go round for ever. */
  #tellOthers(data: WhyData): void {
    const breaker = this.name;
    if (data.cause === "probes-passed")
      this.#hints?.publish({ breaker, state: "closed", forMs: 0 });
    else if ("openForMs" in data && data.cause !== "hinted") {
      const forMs = Math.min(data.openForMs, longestHintMs);
      this.#hints?.publish({ breaker, state: "open", forMs });
    }
  }

  #emit(event: BreakerEvent): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(event);
      return;
    }
    this.#waiting = [event];
    for (const each of this.#waiting) this.#emitter.emit(each);
    this.#waiting = undefined;
  }
}
