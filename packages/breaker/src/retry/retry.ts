import type { MetricFamily, MetricSource } from "@dp/core";
import type { Call, CallContext } from "../call.ts";
import type { Outcome } from "../classify.ts";
import { judge, scopeOf, type CallScope } from "../context.ts";
import {
  resolveRetryOptions,
  type RetryOptions,
  type RetrySettings,
} from "../options.ts";
import { outcomeOf } from "../outcome-of.ts";
import { pause } from "../pause.ts";
import type { Policy } from "../policy.ts";

/**
 * Calls again what failed, after a pause, until it succeeds or there is a reason to stop. Gives back the last result:
 * the last value, or the last error itself.
 *
 * It stops when the attempts are used up, when the outcome is judged `ignore` (so also when the caller has aborted or
 * a circuit inside refuses), when `retryIf` says no, when the pause would last until the deadline, or when the budget
 * is used up. An abort ends a pause at once, with the signal's reason. Repeat only what may happen twice: a call that
 * was run with `repeatable: false` is never repeated.
 */
export const retry = (options: RetryOptions = {}): Policy & MetricSource =>
  new Retry(resolveRetryOptions(options));

class Retry implements Policy, MetricSource {
  readonly name: string;
  readonly #settings: RetrySettings;
  #retried = 0;
  readonly #givenUp = { attempts: 0, deadline: 0, budget: 0 };

  constructor(settings: RetrySettings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  async execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    const scope = scopeOf(context);
    const { budget } = this.#settings;
    let pauseMs = 0;
    let repeating = false;
    budget?.begin();
    try {
      for (let attempt = 1; ; attempt++) {
        const own =
          attempt === context.attempt
            ? context
            : { ...context, signal: context.signal, attempt };
        const outcome = await outcomeOf(next, own, scope);
        if (repeating) budget?.giveBack();
        repeating = false;
        const decided = this.#decide(outcome, own, scope, pauseMs);
        if (decided === undefined) {
          if (outcome.ok) return outcome.value;
          throw outcome.error;
        }
        repeating = true;
        pauseMs = decided;
        if (outcome.ok) scope.discard?.(outcome.value);
        await pause(pauseMs, context, scope);
      }
    } finally {
      if (repeating) budget?.giveBack();
      budget?.end();
    }
  }

  metrics(): MetricFamily[] {
    const policy = this.name;
    return [
      {
        name: "dp_breaker_retries_total",
        help: "Repeats begun.",
        type: "counter",
        samples: [{ labels: { policy }, value: this.#retried }],
      },
      {
        name: "dp_breaker_retries_given_up_total",
        help: "Failed calls that were not repeated again, by what ran out: attempts, time to the deadline, or budget.",
        type: "counter",
        samples: Object.entries(this.#givenUp).map(([reason, value]) => ({
          labels: { policy, reason },
          value,
        })),
      },
    ];
  }

  /** How long to pause before another attempt, whose place in the budget is then taken; undefined: none. */
  #decide(
    outcome: Outcome,
    context: CallContext,
    scope: CallScope,
    previousMs: number,
  ): number | undefined {
    if (outcome.ok && scope.classify === undefined) return undefined;
    const verdict = judge(scope, outcome);
    if (verdict === "success" || verdict === "ignore") return undefined;
    if (context.signal.aborted || !scope.repeatable) return undefined;
    const { attempts, backoff, budget, retryIf } = this.#settings;
    const { attempt } = context;
    if (attempt >= attempts) {
      this.#givenUp.attempts++;
      return undefined;
    }
    const reason = outcome.ok ? outcome.value : outcome.error;
    if (retryIf?.(reason, context) === false) return undefined;
    const floorMs = verdict === "failure" ? 0 : (verdict.retryAfterMs ?? 0);
    const pauseMs = Math.max(
      positive(backoff.delayMs(attempt, previousMs, scope.random)),
      positive(floorMs),
    );
    // An attempt that could only begin at the deadline is of no use; neither is a pause without end.
    if (scope.clock.now() + pauseMs >= context.deadlineMs) {
      this.#givenUp.deadline++;
      return undefined;
    }
    if (budget?.take() === false) {
      this.#givenUp.budget++;
      return undefined;
    }
    this.#retried++;
    return pauseMs;
  }
}

const positive = (ms: number): number => (ms > 0 ? ms : 0);
