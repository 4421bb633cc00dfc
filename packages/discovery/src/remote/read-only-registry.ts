import { DpError, type MetricFamily, type MetricSource } from "@dp/core";
import { ClosedError } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { resolveSpec } from "../instance-spec.ts";
import type { Registry } from "../registry.ts";
import type { Failures } from "./failures.ts";
import type { Feeds } from "./feeds.ts";

/** How a registry that only reads reaches its source. */
export interface ReadOnlySource<M> {
  /** As in errors and metrics: `dns`. */
  readonly kind: string;
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
  /** Of this kind of source alone. */
  readonly metrics: () => MetricFamily[];
}

/**
 * A registry whose instances are put there by somebody else: `register` rejects with `DP_READ_ONLY`. `life` is
 * aborted with `ClosedError` by its disposal.
 */
export const readOnlyRegistry = <M>(
  source: ReadOnlySource<M>,
  life: AbortController,
): Registry<M> & MetricSource => {
  const { kind, refusal, feeds, failures } = source;
  const { signal } = life;
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
      {
        name: "dp_discovery_registry_failures_total",
        help: "Exchanges with the registry that failed, and records of it that were skipped.",
        type: "counter",
        samples: [{ labels: { registry: kind }, value: failures.count }],
      },
      ...feeds.metrics(kind),
      ...source.metrics(),
    ],
    [Symbol.asyncDispose]() {
      life.abort(new ClosedError(`the ${kind} registry`));
      feeds.close();
      return Promise.resolve();
    },
  };
};
