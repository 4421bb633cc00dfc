import {
  requireText,
  type Clock,
  type MetricFamily,
  type MetricSource,
} from "@dp/core";
import type { Call, CallContext } from "./call.ts";
import type { LimitAlgorithm, LimitSample } from "./concurrency/limit.ts";
import { judge, scopeOf, type CallScope } from "./context.ts";
import { refusal } from "./errors.ts";
import { outcomeOf, type OutcomeOf } from "./outcome-of.ts";
import type { Policy } from "./policy.ts";
import { requireMethod } from "./require-method.ts";
import { SampleWindow } from "./window/sample-window.ts";

/** What a {@link concurrencyLimit} can be told beside its algorithm. */
export interface ConcurrencyLimitOptions {
  /** Stands in errors and metrics. @defaultValue 'limit' */
  readonly name?: string | undefined;
  /** @defaultValue the clock of the pipeline around it, else the system's */
  readonly clock?: Clock | undefined;
}

/** A policy that finds out how many calls its service can do at once. */
export interface ConcurrencyLimit extends Policy, MetricSource {
  /** Calls in flight. */
  readonly inFlight: number;
  /** How many may be in flight now. */
  readonly limit: number;
}

/** What takes less says nothing about a service: it never got there. */
const shortestMs = 0.1;

/**
 * Creates a {@link ConcurrencyLimit}: so many calls in flight as the algorithm thinks the service can do; the rest is
 * refused at once with a `ResilienceError` of kind `limited`. Unlike a `bulkhead` it needs no number and has no queue.
 *
 * The algorithm learns from every call how long it took; a failure is a drop, an ignored call is not looked at. It
 * keeps its state, so give every limit its own. Costs O(1) and two looks at the clock a call.
 */
export const concurrencyLimit = (
  algorithm: LimitAlgorithm,
  options: ConcurrencyLimitOptions = {},
): ConcurrencyLimit =>
  new AdaptiveLimit(
    requireMethod("algorithm", algorithm, "sample"),
    requireText("name", options.name ?? "limit"),
    options.clock,
  );

class AdaptiveLimit implements ConcurrencyLimit {
  readonly name: string;
  readonly #algorithm: LimitAlgorithm;
  readonly #clock: Clock | undefined;
  readonly #window: SampleWindow | undefined;
  #inFlight = 0;
  #refused = 0;

  constructor(
    algorithm: LimitAlgorithm,
    name: string,
    clock: Clock | undefined,
  ) {
    this.name = name;
    this.#algorithm = algorithm;
    this.#clock = clock;
    const { windowMs = 0 } = algorithm;
    if (windowMs > 0) this.#window = new SampleWindow(windowMs);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get limit(): number {
    return Math.max(1, Math.floor(this.#algorithm.limit));
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    const { limit } = this;
    if (this.#inFlight >= limit) {
      this.#refused++;
      return Promise.reject(
        refusal(
          "limited",
          this.name,
          `has ${this.#inFlight} calls in flight, and the service can do ${limit} at the moment`,
        ),
      );
    }
    this.#inFlight++;
    return this.#run(next, context);
  }

  isIdle(): boolean {
    return this.#inFlight === 0;
  }

  metrics(): MetricFamily[] {
    const labels = { policy: this.name };
    return [
      {
        name: "dp_breaker_limit",
        help: "How many calls may be in flight.",
        type: "gauge",
        samples: [{ labels, value: this.limit }],
      },
      {
        name: "dp_breaker_limit_in_flight",
        help: "Calls in flight.",
        type: "gauge",
        samples: [{ labels, value: this.#inFlight }],
      },
      {
        name: "dp_breaker_limit_refused_total",
        help: "Calls refused because the limit was reached.",
        type: "counter",
        samples: [{ labels, value: this.#refused }],
      },
    ];
  }

  async #run<T>(next: Call<T>, context: CallContext): Promise<T> {
    const scope = scopeOf(context);
    const clock = this.#clock ?? scope.clock;
    const inFlight = this.#inFlight;
    const startedMs = clock.now();
    const outcome = await outcomeOf(next, context, scope);
    this.#inFlight--;
    this.#learn(outcome, scope, inFlight, startedMs, clock.now());
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }

  #learn(
    outcome: OutcomeOf<unknown>,
    scope: CallScope,
    inFlight: number,
    startedMs: number,
    now: number,
  ): void {
    const verdict = judge(scope, outcome);
    if (verdict === "ignore") return;
    const rttMs = now - startedMs;
    const dropped = verdict !== "success";
    if (!dropped && rttMs < shortestMs) return;
    const call: LimitSample = { rttMs, inFlight, dropped };
    const sample =
      this.#window === undefined ? call : this.#window.add(call, now);
    if (sample !== undefined) this.#algorithm.sample(sample);
  }
}
