import { DpError, type Clock } from "@dp/core";
import type { Instance } from "../instance.ts";
import type { HealthCheck } from "./check.ts";

/**
 * Runs one instance's checks one after the other, from construction until `stop`, and tells each change of verdict.
 * The first result decides at once; after that it takes `rise` or `fall` equal results in a row to turn it.
 */
export class Prober<M> {
  readonly #check: HealthCheck<M>;
  readonly #instance: () => Instance<M>;
  readonly #clock: Clock;
  readonly #verdict: (healthy: boolean) => void;
  readonly #result: (passed: boolean) => void;
  #healthy: boolean | undefined;
  /** Results in a row that contradict the verdict. */
  #against = 0;
  #abort: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  constructor(
    check: HealthCheck<M>,
    instance: () => Instance<M>,
    clock: Clock,
    listener: {
      verdict: (healthy: boolean) => void;
      result: (passed: boolean) => void;
    },
  ) {
    this.#check = check;
    this.#instance = instance;
    this.#clock = clock;
    this.#verdict = listener.verdict;
    this.#result = listener.result;
    this.#start();
  }

  /** No timer and no wanted check is left after it. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#abort?.abort(
      new DpError("DP_CHECK_UNWANTED", "the result is no longer wanted"),
    );
  }

  #start(): void {
    const startedMs = this.#clock.now();
    const abort = new AbortController();
    this.#abort = abort;
    let settled = false;
    const settle = (passed: boolean): void => {
      if (settled || this.#stopped) return;
      settled = true;
      this.#cancelTimer?.();
      const waitMs = startedMs + this.#check.intervalMs - this.#clock.now();
      this.#cancelTimer = this.#clock.schedule(Math.max(0, waitMs), () =>
        this.#start(),
      );
      this.#judge(passed);
    };
    this.#cancelTimer = this.#clock.schedule(this.#check.timeoutMs, () => {
      const timeout = new DpError(
        "DP_CHECK_TIMEOUT",
        `no answer within ${this.#check.timeoutMs} ms`,
      );
      settle(false);
      abort.abort(timeout);
    });
    // Within a promise, so that a check that throws before its first await is one that failed.
    new Promise<void>((resolve) => {
      resolve(this.#check.check(this.#instance(), abort.signal));
    }).then(
      () => settle(true),
      () => settle(false),
    );
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
