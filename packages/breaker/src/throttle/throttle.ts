import {
  requireDuration,
  requireInteger,
  requireNumber,
  requireText,
  type Clock,
  type Duration,
  type MetricFamily,
  type MetricSource,
  type Random,
} from "@dp/core";
import type { Call, CallContext } from "../call.ts";
import type { Verdict } from "../classify.ts";
import { judge, scopeOf, type CallScope } from "../context.ts";
import { refusal, type ResilienceError } from "../errors.ts";
import { outcomeOf, type OutcomeOf } from "../outcome-of.ts";
import type { Policy, PolicySettings } from "../policy.ts";
import { Timing } from "../timing.ts";
import { TimeBuckets } from "../window/time-buckets.ts";

/** How a {@link throttle} holds calls back. */
export interface ThrottleOptions {
  /** Stands in errors and metrics. @defaultValue 'throttle' */
  readonly name?: string | undefined;
  /**
   * How many calls go out for each that is accepted before any is held back. At least 1; a higher number tries the
   * service more and finds out sooner that it has recovered.
   *
   * @defaultValue 2
   */
  readonly k?: number | undefined;
  /** How long a call counts. At least 1 ms. @defaultValue '30s' */
  readonly window?: Duration | undefined;
  /**
   * The largest share of calls that is held back, from 0 to 1. The rest finds out when the service is back.
   *
   * @defaultValue 0.9
   */
  readonly maxReject?: number | undefined;
  /** Nothing is held back before this many calls are in the window. @defaultValue 10 */
  readonly minimum?: number | undefined;
  /** Into how many parts the window is cut; calls leave it a part at a time. 1 to 1000. @defaultValue 10 */
  readonly buckets?: number | undefined;
  /** @defaultValue the clock of the first pipeline the policy is put in, else the system's */
  readonly clock?: Clock | undefined;
  /** @defaultValue the random of the first pipeline the policy is put in, else the system's */
  readonly random?: Random | undefined;
}

/** A policy that holds back a share of the calls to a service that accepts too few of them. */
export interface Throttle extends Policy, MetricSource {
  /** The share of calls that is held back now, from 0 to `maxReject`. */
  readonly probability: number;
}

/**
 * Creates a {@link Throttle}: each call is refused with probability `(requests - k * accepts) / (requests + 1)`, at most
 * `maxReject`, with a `ResilienceError` of kind `throttled`.
 *
 * Unlike a circuit breaker it never stops all calls, so a service that can still do some of the work gets as much as
 * it can do. A request counts when it begins, also one that is refused here; an accept is a call judged a success;
 * a call judged `ignore` is not counted. Memory is constant, a call costs O(1) and two looks at the clock.
 *
 * The formula is that of Google's _Site Reliability Engineering_, chapter 21. It has no bound on the share there: after
 * a long outage its clients send next to nothing until the outage has left the window.
 */
export const throttle = (options: ThrottleOptions = {}): Throttle =>
  new AdaptiveThrottle(options);

class AdaptiveThrottle implements Throttle {
  readonly name: string;
  readonly #k: number;
  readonly #maxReject: number;
  readonly #minimum: number;
  readonly #timing: Timing;
  /** Requests first, accepts second. */
  readonly #window: TimeBuckets;
  #requests = 0;
  #accepts = 0;
  #refused = 0;

  constructor(options: ThrottleOptions) {
    this.name = requireText("name", options.name ?? "throttle");
    this.#k = requireNumber(
      "k",
      options.k ?? 2,
      1,
      // Infinity times no accepts would be NaN.
      Number.MAX_SAFE_INTEGER,
    );
    this.#maxReject = requireNumber(
      "maxReject",
      options.maxReject ?? 0.9,
      0,
      1,
    );
    this.#minimum = requireInteger("minimum", options.minimum ?? 10, 1);
    const windowMs = requireDuration(
      "window",
      options.window ?? "30s",
      1,
      Number.MAX_SAFE_INTEGER,
    );
    const buckets = requireInteger("buckets", options.buckets ?? 10, 1, 1_000);
    this.#timing = new Timing(options);
    this.#window = new TimeBuckets(windowMs, buckets);
    this.#window.clear(this.#timing.clock.now());
  }

  get probability(): number {
    return this.#probabilityAt(this.#timing.clock.now());
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    const now = this.#timing.clock.now();
    const probability = this.#probabilityAt(now);
    this.#requests++;
    const bucket = this.#window.addFirst(now);
    // No chance is taken while nothing is held back.
    if (probability > 0 && this.#timing.random() < probability) {
      this.#refused++;
      return Promise.reject(this.#refusal(probability));
    }
    return this.#watch(next, context, bucket);
  }

  adopt(settings: PolicySettings): void {
    if (this.#requests > 0) return;
    this.#timing.adopt(settings);
    this.#window.clear(this.#timing.clock.now());
  }

  isIdle(): boolean {
    return this.probability === 0;
  }

  metrics(): MetricFamily[] {
    const labels = { policy: this.name };
    return [
      {
        name: "dp_breaker_throttle_requests_total",
        help: "Calls that came to the throttle, those it refused included.",
        type: "counter",
        samples: [{ labels, value: this.#requests }],
      },
      {
        name: "dp_breaker_throttle_accepts_total",
        help: "Calls that the service accepted.",
        type: "counter",
        samples: [{ labels, value: this.#accepts }],
      },
      {
        name: "dp_breaker_throttle_refused_total",
        help: "Calls that the throttle refused.",
        type: "counter",
        samples: [{ labels, value: this.#refused }],
      },
      {
        name: "dp_breaker_throttle_probability",
        help: "The share of calls that is refused at the moment.",
        type: "gauge",
        samples: [{ labels, value: this.probability }],
      },
    ];
  }

  #probabilityAt(now: number): number {
    this.#window.advance(now);
    const { firsts: requests, seconds: accepts } = this.#window;
    if (requests < this.#minimum) return 0;
    const share = (requests - this.#k * accepts) / (requests + 1);
    return Math.min(this.#maxReject, Math.max(0, share));
  }

  async #watch<T>(
    next: Call<T>,
    context: CallContext,
    bucket: number,
  ): Promise<T> {
    const scope = scopeOf(context);
    const outcome = await outcomeOf(next, context, scope);
    this.#count(outcome, scope, bucket);
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }

  #count(outcome: OutcomeOf<unknown>, scope: CallScope, bucket: number): void {
    // A classify that throws has counted nothing.
    let verdict: Verdict = "ignore";
    try {
      verdict = judge(scope, outcome);
    } finally {
      if (verdict === "ignore") this.#window.removeFirst(bucket);
    }
    if (verdict !== "success") return;
    this.#accepts++;
    this.#window.addSecond(this.#timing.clock.now());
  }

  #refusal(probability: number): ResilienceError {
    const share = `${Math.round(probability * 100)} %`;
    return refusal(
      "throttled",
      this.name,
      `holds back ${share} of calls, because the service accepts too few`,
    );
  }
}
