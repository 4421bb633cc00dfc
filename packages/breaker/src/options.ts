import {
  requireDuration,
  requireInteger,
  requireText,
  type Clock,
  type Duration,
  type Random,
} from "@dp/core";
import type { Backoff } from "./backoff/backoff.ts";
import { exponential } from "./backoff/exponential.ts";
import type { CallContext } from "./call.ts";
import { constant } from "./backoff/constant.ts";
import type { Classify } from "./classify.ts";
import type { HintChannel } from "./hints/hint-channel.ts";
import { requireMethod } from "./require-method.ts";
import { retryBudget, type RetryBudget } from "./retry/retry-budget.ts";
import { failureRate } from "./trip/failure-rate.ts";

import type { Trip } from "./trip/trip.ts";

/** How a circuit breaker behaves. Every field has a default; one object may serve many breakers. */
export interface BreakerOptions {
  /** Stands in errors, events and metrics. @defaultValue 'breaker' */
  readonly name?: string | undefined;
  /**
   * When to open.
   *
   * @defaultValue failureRate(0.5, { window: '10s', minimum: 20 })
   */
  readonly trip?: Trip | undefined;
  /**
   * How long to refuse calls before probing: a time, or a backoff over the number of breaks (1 for the first). A circuit
   * that has closed forgets one break for every time it stays closed as long as the last one lasted. `Infinity`: until
   * `reset()`.
   *
   * @defaultValue '5s'
   */
  readonly openFor?: Duration | Backoff | undefined;
  /**
   * How many calls pass while half-open. All must succeed to close the circuit; the first failure opens it again. At
   * least 1.
   *
   * @defaultValue 3
   */
  readonly probes?: number | undefined;
  /**
   * How long a probe may stay unsettled before it counts as failed, so that a call that never ends cannot keep the
   * circuit half-open. Choose it longer than the timeout around the call. At least 1 ms.
   *
   * @defaultValue '30s'
   */
  readonly probeLease?: Duration | undefined;
  /**
   * How long a circuit that has closed after a break lets calls in little by little: a tenth at first, rising evenly to
   * all. The rest are refused as if it were open. `over` is at least 1 ms.
   *
   * @defaultValue none: all calls at once
   */
  readonly ramp?: { readonly over: Duration } | undefined;
  /**
   * Where to tell other processes that the circuit opened, and to hear it from them. When enough others of the same
   * name are open, it opens without waiting for the minimum its trip asks for, but not against what it has seen itself.
   *
   * @defaultValue none: it goes by its own calls alone
   */
  readonly hints?: HintChannel | undefined;
  /**
   * What counts as success and failure in `run`. Inside a pipeline that has a `classify` of its own that one holds.
   * Permits are settled by their holder and never classified.
   *
   * @defaultValue defaultClassify
   */
  readonly classify?: Classify | undefined;
  /** @defaultValue the clock of the first pipeline the breaker is put in, else the system's */
  readonly clock?: Clock | undefined;
  /** @defaultValue the random of the first pipeline the breaker is put in, else the system's */
  readonly random?: Random | undefined;
}

/** {@link BreakerOptions} checked and filled in. */
export interface BreakerSettings {
  readonly name: string;
  readonly trip: Trip;
  readonly openFor: Backoff;
  readonly probes: number;
  readonly probeLeaseMs: number;
  /** 0: no ramp. */
  readonly rampMs: number;
  readonly hints: HintChannel | undefined;
  readonly classify: Classify | undefined;
  readonly clock: Clock | undefined;
  readonly random: Random | undefined;
}

const defaultTrip = failureRate(0.5, { window: "10s", minimum: 20 });

export const resolveBreakerOptions = (
  options: BreakerOptions,
): BreakerSettings => ({
  name: requireText("name", options.name ?? "breaker"),
  trip: requireMethod("trip", options.trip ?? defaultTrip, "create"),
  openFor: resolveOpenFor(options.openFor ?? "5s"),
  probes: requireInteger("probes", options.probes ?? 3, 1),
  probeLeaseMs: requireDuration("probeLease", options.probeLease ?? "30s", 1),
  rampMs:
    options.ramp === undefined
      ? 0
      : requireDuration("ramp.over", options.ramp.over, 1),
  hints: options.hints && requireMethod("hints", options.hints, "subscribe"),
  classify: options.classify,
  clock: options.clock,
  random: options.random,
});

/** How {@link retry} repeats. */
export interface RetryOptions {
  /** Stands in metrics. @defaultValue 'retry' */
  readonly name?: string | undefined;
  /** How often the operation is called in total, the first time included. At least 1. @defaultValue 3 */
  readonly attempts?: number | undefined;
  /**
   * How long to pause before each repeat. What the service asks for (`retryAfterMs` of a verdict) is a floor under it.
   *
   * @defaultValue exponential({ initial: 100, max: '10s', jitter: 'full' })
   */
  readonly backoff?: Backoff | undefined;
  /**
   * Bounds the repeats of all calls together; share one between retries that load the same service. `false`: none.
   *
   * @defaultValue retryBudget(), one for each retry
   */
  readonly budget?: RetryBudget | false | undefined;
  /**
   * Whether to repeat after this error (or value, where classify judged one a failure). Asked only about failures.
   *
   * @defaultValue always
   */
  readonly retryIf?:
    ((reason: unknown, context: CallContext) => boolean) | undefined;
}

/** {@link RetryOptions} checked and filled in. */
export interface RetrySettings {
  readonly name: string;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly budget: RetryBudget | undefined;
  readonly retryIf: RetryOptions["retryIf"];
}

export const resolveRetryOptions = (options: RetryOptions): RetrySettings => ({
  name: requireText("name", options.name ?? "retry"),
  attempts: requireInteger("attempts", options.attempts ?? 3, 1),
  backoff: requireMethod(
    "backoff",
    options.backoff ??
      exponential({ initial: 100, max: "10s", jitter: "full" }),
    "delayMs",
  ),
  budget:
    options.budget === false
      ? undefined
      : requireMethod("budget", options.budget ?? retryBudget(), "take"),
  retryIf: options.retryIf,
});

const resolveOpenFor = (openFor: Duration | Backoff): Backoff => {
  if (typeof openFor === "object")
    return requireMethod("openFor", openFor, "delayMs");
  const delayMs = requireDuration("openFor", openFor);
  return constant(delayMs);
};
