import type { Clock, MetricSource } from "@dp/core";
import { ClosedError } from "../errors.ts";
import type { Instance } from "../instance.ts";
import type { Registry } from "../registry.ts";
import { attempt } from "./attempt.ts";
import type { Failures } from "./failures.ts";
import type { Feeds } from "./feeds.ts";
import type { Registrations } from "./registrations.ts";
import { requireWellFormed } from "../well-formed.ts";

/** How a registry in which instances are registered reaches its store. */
export interface LeasedSource<M> {
  /** As in errors: `Redis`. */
  readonly kind: string;
  /** As in metrics. */
  readonly name: string;
  readonly fencing: boolean;
  readonly clock: Clock;
  /** How long a list may take. */
  readonly detectMs: number;
  readonly failures: Failures;
  readonly feeds: Feeds<M>;
  readonly registrations: Registrations<M>;
  readonly list: (
    service: string,
    signal: AbortSignal,
  ) => Promise<readonly Instance<M>[]>;
  readonly services: (signal: AbortSignal) => Promise<readonly string[]>;
}

/** A registry made of its parts: what is open and closed, time limits, metrics, and the end of life. */
export const leasedRegistry = <M>(
  source: LeasedSource<M>,
): Registry<M> & MetricSource => {
  const { kind, name, clock, detectMs, failures, feeds, registrations } =
    source;
  const life = new AbortController();
  const { signal } = life;
  const within = <T>(call: (inner: AbortSignal) => Promise<T>): Promise<T> =>
    attempt(clock, detectMs, signal, call);
  return {
    capabilities: { lease: true, push: true, fencing: source.fencing },
    async register(spec, options) {
      signal.throwIfAborted();
      return registrations.register(spec, options?.signal);
    },
    async list(service) {
      signal.throwIfAborted();
      requireWellFormed("service", service);
      return within((inner) => source.list(service, inner));
    },
    services: () => within((inner) => source.services(inner)),
    watch: (service, options) =>
      feeds.watch(service, options?.signal, () => {
        signal.throwIfAborted();
        requireWellFormed("service", service);
      }),
    metrics: () => [
      ...registrations.metrics(name),
      ...feeds.metrics(name),
      failures.skippedMetric(name),
    ],
    async [Symbol.asyncDispose]() {
      life.abort(new ClosedError(`the ${kind} registry`));
      feeds.close();
      await registrations.close();
    },
  };
};
