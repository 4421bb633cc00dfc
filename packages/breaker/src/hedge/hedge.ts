import {
  requireDuration,
  requireInteger,
  requireText,
  type Duration,
  type MetricFamily,
  type MetricSource,
} from "@dp/core";
import type { Call, CallContext } from "../call.ts";
import { scopeOf } from "../context.ts";
import type { Policy } from "../policy.ts";
import { requireMethod } from "../require-method.ts";
import { Latencies } from "../window/latencies.ts";
import { hedgeBudget, type HedgeBudget } from "./hedge-budget.ts";
import { HedgedCall, type Hedging } from "./hedged-call.ts";
import { quantile, type Quantile } from "./quantile.ts";

/** How a {@link hedge} sends calls once more. */
export interface HedgeOptions {
  /** Stands in metrics. @defaultValue 'hedge' */
  readonly name?: string | undefined;
  /** How long to wait for a run of the call before another is sent: a time, or a quantile of what calls take. */
  readonly after: Duration | Quantile;
  /** How many extra runs a call may have. At least 1. @defaultValue 1 */
  readonly max?: number | undefined;
  /**
   * Bounds the extra runs of all calls together. `false`: nothing does.
   *
   * @defaultValue hedgeBudget(): one extra run for twenty calls, ten at once
   */
  readonly budget?: HedgeBudget | false | undefined;
}

/**
 * Sends a call once more when its answer takes long, and gives back the first answer: the slowest calls become as quick
 * as the second quickest of two. Only for calls that may happen twice; one run with `repeatable: false` is sent once.
 *
 * Hedging is for slowness, retry for failures: a run that fails leaves the call to those still under way, and the last
 * to fail ends it. So does one that a policy inside refuses: an extra run that finds a bulkhead full takes nothing from
 * the first. A result judged `ignore` ends the call at once. The other runs are aborted then, and what becomes of them
 * says nothing about the service: a circuit inside ignores it. Put it outside of what should see every run.
 *
 * J. Dean and L. Barroso, _The Tail at Scale_, 2013: after the 95th percentile, 5 % more load takes most of the tail away.
 */
export const hedge = (options: HedgeOptions): Policy & MetricSource =>
  new Hedge(options);

class Hedge implements Policy, MetricSource, Hedging {
  readonly name: string;
  readonly max: number;
  readonly budget: HedgeBudget | undefined;
  readonly #after: number | Quantile;
  readonly #latencies: Latencies | undefined;
  readonly #counts = { extra: 0, won: 0, denied: 0 };

  constructor(options: HedgeOptions) {
    const { after, budget = hedgeBudget() } = options;
    this.name = requireText("name", options.name ?? "hedge");
    this.max = requireInteger("max", options.max ?? 1, 1);
    this.budget =
      budget === false ? undefined : requireMethod("budget", budget, "take");
    if (typeof after === "object") {
      // Checked again: it need not come from `quantile`.
      const { share, windowMs, minimum } = after;
      this.#after = quantile(share, { window: windowMs, minimum });
      this.#latencies = new Latencies(windowMs, share);
    } else this.#after = requireDuration("after", after);
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    const scope = scopeOf(context);
    return new Promise((resolve, reject) => {
      if (!scope.repeatable) {
        resolve(next(context));
        return;
      }
      context.signal.throwIfAborted();
      const afterMs = this.#afterMs(scope.clock.now());
      new HedgedCall(
        this,
        afterMs,
        next,
        context,
        scope,
        resolve,
        reject,
      ).start();
    });
  }

  measured(elapsedMs: number, now: number): void {
    this.#latencies?.add(elapsedMs, now);
  }

  count(what: "extra" | "won" | "denied"): void {
    this.#counts[what]++;
  }

  metrics(): MetricFamily[] {
    const labels = { policy: this.name };
    const { extra, won, denied } = this.#counts;
    return [
      {
        name: "dp_breaker_hedges_total",
        help: "Extra runs of calls that took long.",
        type: "counter",
        samples: [{ labels, value: extra }],
      },
      {
        name: "dp_breaker_hedges_won_total",
        help: "Calls that an extra run has answered.",
        type: "counter",
        samples: [{ labels, value: won }],
      },
      {
        name: "dp_breaker_hedges_denied_total",
        help: "Calls that took long and got no extra run, because the budget was used up.",
        type: "counter",
        samples: [{ labels, value: denied }],
      },
    ];
  }

  /** Undefined: not enough is known yet. */
  #afterMs(now: number): number | undefined {
    const after = this.#after;
    if (typeof after === "number") return after;
    const latencies = this.#latencies as Latencies;
    return latencies.total(now) < after.minimum
      ? undefined
      : latencies.quantile(now);
  }
}
