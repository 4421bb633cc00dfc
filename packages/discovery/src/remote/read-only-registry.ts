import { DpError, type MetricFamily, type MetricSource } from "@dp/core";
import { ClosedError } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { resolveSpec } from "../instance-spec.ts";
import type { Registry } from "../registry.ts";
import type { Failures } from "./failures.ts";
import type { Feeds } from "./feeds.ts";

/** How a registry that only reads reaches its source. */
export interface ReadOnlySource<M> {
  /** As in errors: `dns`. */
  readonly kind: string;
  /** As in metrics. */
  readonly name: string;
  /** Why instances cannot be registered, and what to do instead. */
  readonly refusal: string;
  readonly push: boolean;
  readonly feeds: Feeds<M>;
  readonly failures: Failures;
  /** Throws `InvalidOptionError` for what can be no name of a service. */
  readonly requireName: (service: string) => void;
  readonly list: (
    service: string,
    signal: AbortSignal,
  ) => Promise<readonly Instance<M>[]>;
  readonly services: (signal: AbortSignal) => Promise<readonly string[]>;
  /** What this registry costs its source, as a metric of its own. */
  readonly effort: {
    readonly metric: string;
    readonly help: string;
    readonly count: () => number;
  };
}

/**
 * A registry whose instances are put there by somebody else: `register` rejects with `DP_READ_ONLY`. `life` is
 * aborted with `ClosedError` by its disposal.
 */
export const readOnlyRegistry = <M>(
  source: ReadOnlySource<M>,
  life: AbortController,
): Registry<M> & MetricSource => {
  const { kind, name, refusal, feeds, failures, effort } = source;
  const { signal } = life;
  const counter = (
    metric: string,
    help: string,
    value: number,
  ): MetricFamily => ({
    name: metric,
    help,
    type: "counter",
    samples: [{ labels: { registry: name }, value }],
  });
  return {
    capabilities: { lease: false, push: source.push, fencing: false },
    register: (spec, options) =>
      new Promise((_resolve, reject) => {
        signal.throwIfAborted();
        options?.signal?.throwIfAborted();
        resolveSpec(spec);
        reject(
          new DpError(
            "DP_READ_ONLY",
            `the ${kind} registry registers nobody: ${refusal}`,
          ),
        );
      }),
    list: async (service) => {
      signal.throwIfAborted();
      source.requireName(service);
      return source.list(service, signal);
    },
    services: async () => {
      signal.throwIfAborted();
      return [...(await source.services(signal))].sort();
    },
    watch: (service, options) =>
      feeds.watch(service, options?.signal, () => {
        signal.throwIfAborted();
        source.requireName(service);
      }),
    metrics: () => [
      counter(
        "dp_discovery_registry_failures_total",
        "Exchanges with the registry that failed, and records of it that were skipped.",
        failures.count,
      ),
      ...feeds.metrics(name),
      failures.skippedMetric(name),
      counter(effort.metric, effort.help, effort.count()),
    ],
    [Symbol.asyncDispose]() {
      life.abort(new ClosedError(`the ${kind} registry`));
      feeds.close();
      return Promise.resolve();
    },
  };
};
