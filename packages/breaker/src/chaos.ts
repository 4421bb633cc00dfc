import {
  DpError,
  InvalidOptionError,
  requireDuration,
  requireNumber,
  requireText,
  type Duration,
  type MetricFamily,
  type MetricSource,
  type Random,
} from "@dp/core";
import type { Call, CallContext } from "./call.ts";
import { scopeOf } from "./context.ts";
import { pause } from "./pause.ts";
import type { Policy } from "./policy.ts";

/** What {@link chaos} does to calls. */
export interface ChaosOptions {
  /** Stands in errors and metrics. @defaultValue 'chaos' */
  readonly name?: string | undefined;
  /** The share of calls it does it to, from 0 to 1. */
  readonly rate: number;
  /**
   * Makes the error with which a call fails instead of running.
   *
   * @defaultValue an error of code `DP_CHAOS`; if there is a `latency`, none
   */
  readonly error?: (() => unknown) | undefined;
  /** How long a call waits first. @defaultValue none */
  readonly latency?: Duration | undefined;
  /** @defaultValue the random of the pipeline around it, else the system's */
  readonly random?: Random | undefined;
}

/**
 * Makes a share of the calls slow, or fail, or both, to see whether everything around it copes. Innermost in a pipeline
 * it stands for the service. An abort ends the wait at once.
 */
export const chaos = (options: ChaosOptions): Policy & MetricSource =>
  new Chaos(options);

class Chaos implements Policy, MetricSource {
  readonly name: string;
  readonly #rate: number;
  readonly #error: (() => unknown) | undefined;
  readonly #latencyMs: number;
  readonly #random: Random | undefined;
  readonly #injected = { error: 0, latency: 0 };

  constructor(options: ChaosOptions) {
    const { error, latency } = options;
    this.name = requireText("name", options.name ?? "chaos");
    this.#rate = requireNumber("rate", options.rate, 0, 1);
    this.#latencyMs = requireDuration("latency", latency ?? 0);
    if (error !== undefined && typeof error !== "function")
      throw new InvalidOptionError("error", error, "a function");
    this.#error =
      error ?? (this.#latencyMs > 0 ? undefined : () => injected(this.name));
    this.#random = options.random;
  }

  async execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    const scope = scopeOf(context);
    const random = this.#random ?? scope.random;
    if (random() >= this.#rate) return await next(context);
    if (this.#latencyMs > 0) {
      this.#injected.latency++;
      await pause(this.#latencyMs, context, scope);
    }
    if (this.#error === undefined) return await next(context);
    this.#injected.error++;
    throw this.#error();
  }

  metrics(): MetricFamily[] {
    return [
      {
        name: "dp_breaker_chaos_injected_total",
        help: "Calls that were made to fail or to wait.",
        type: "counter",
        samples: Object.entries(this.#injected).map(([kind, value]) => ({
          labels: { policy: this.name, kind },
          value,
        })),
      },
    ];
  }
}

const injected = (name: string): DpError =>
  new DpError("DP_CHAOS", `${name} made this call fail`, { retryable: true });
