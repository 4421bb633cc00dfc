import { DpError, type Clock, type Random } from "@dp/core";
import type { Instance } from "../instance.ts";
import type { CheckGate } from "./check-gate.ts";
import type { HealthCheck } from "./check.ts";

/** What the checks of one view have in common. */
export interface ProbeContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly gate: CheckGate;
}

/**
 * Runs one instance's checks one after the other, from construction until `stop`, and tells each change of verdict.
 * The first result decides at once; after that it takes `rise` or `fall` equal results in a row to turn it.
 *
 * The first check starts as soon as the gate lets it, the second by chance within the interval after it, all later ones
 * an interval apart: instances that come together are not checked together for ever, none waits for its first verdict,
 * and every interval has its check.
 */
export class Prober<M> {
  readonly #check: HealthCheck<M>;
  readonly #instance: () => Instance<M>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #gate: CheckGate;
  readonly #verdict: (healthy: boolean) => void;
  readonly #result: (passed: boolean) => void;
  #healthy: boolean | undefined;
  /** Results in a row that contradict the verdict. */
  #against = 0;
  /** Of the check under way. */
  #abort: AbortController | undefined;
  #spread = false;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  constructor(
    check: HealthCheck<M>,
    instance: () => Instance<M>,
    context: ProbeContext,
    listener: {
      verdict: (healthy: boolean) => void;
      result: (passed: boolean) => void;
    },
  ) {
    this.#check = check;
    this.#instance = instance;
    this.#clock = context.clock;
    this.#random = context.random;
    this.#gate = context.gate;
    this.#verdict = listener.verdict;
    this.#result = listener.result;
    this.#gate.enter(this.#start);
  }

  /** No timer and no wanted check is left after it. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#gate.forget(this.#start);
    if (this.#abort === undefined) return;
    this.#abort.abort(
      new DpError("DP_CHECK_UNWANTED", "the result is no longer wanted"),
    );
    this.#gate.leave();
  }

  readonly #start = (): void => {
    const startedMs = this.#clock.now();
    const abort = new AbortController();
    this.#abort = abort;
    let settled = false;
    const settle = (passed: boolean): void => {
      if (settled || this.#stopped) return;
      settled = true;
      this.#abort = undefined;
      this.#cancelTimer?.();
      const restMs = startedMs + this.#check.intervalMs - this.#clock.now();
      this.#cancelTimer = this.#clock.schedule(
        Math.max(0, restMs) * this.#shareOfRest(),
        () => this.#gate.enter(this.#start),
      );
      this.#gate.leave();
      this.#judge(passed);
    };
    this.#cancelTimer = this.#clock.schedule(this.#check.timeoutMs, () => {
      const timeout = new DpError(
        "DP_CHECK_TIMEOUT",
        `no answer within ${this.#check.timeoutMs} ms`,
      );
      // Before the place in the gate is given on: the connection goes before the next is made.
      abort.abort(timeout);
      settle(false);
    });
    // Within a promise, so that a check that throws before its first await is one that failed.
    new Promise<void>((resolve) => {
      resolve(this.#check.check(this.#instance(), abort.signal));
    }).then(
      () => settle(true),
      () => settle(false),
    );
  };

  /** How much of the rest of the interval to wait: all, but for the second check. */
  #shareOfRest(): number {
    if (this.#spread) return 1;
    this.#spread = true;
    return 1 - this.#random();
  }

  #judge(passed: boolean): void {
    this.#result(passed);
    if (passed === this.#healthy) {
      this.#against = 0;
      return;
    }
    this.#against++;
    const needed = passed ? this.#check.rise : this.#check.fall;
    if (this.#healthy !== undefined && this.#against < needed) return;
    this.#healthy = passed;
    this.#against = 0;
    this.#verdict(passed);
  }
}
