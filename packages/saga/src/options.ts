import {
  InvalidOptionError,
  randomName,
  requireDuration,
  requireInteger,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
  type Random,
} from "@dp/core";
import { longestMs } from "./retry-plan.ts";
import type { SagaDefinition } from "./definition.ts";
import type { SagaStore } from "./stores/store.ts";

/** What an orchestrator is made of. */
export interface OrchestratorOptions {
  /** Where runs are kept. The orchestrator does not close it. */
  readonly store: SagaStore;
  /** Only runs of these are claimed. A version that still has live runs stays registered beside its successor. */
  readonly sagas: readonly SagaDefinition[];
  /** The start of this worker's name in the store; a suffix makes it unique. @defaultValue 'worker' */
  readonly workerId?: string | undefined;
  /** How long this worker may stay silent before others take its runs. At least 100 ms. @defaultValue '30s' */
  readonly lease?: Duration | undefined;
  /** How often the store is asked for due runs and for cancels. @defaultValue '200ms' */
  readonly poll?: Duration | undefined;
  /** After an abort, how long a call may take to settle before compensation may overtake it. @defaultValue '5s' */
  readonly grace?: Duration | undefined;
  /** Runs in hand at a time; 0 makes a client that starts, asks and administers but never claims. @defaultValue 256 */
  readonly concurrency?: number | undefined;
  /** Bytes of JSON of an input or an output. @defaultValue 262_144 */
  readonly maxPayload?: number | undefined;
  /** @defaultValue systemClock */
  readonly clock?: Clock | undefined;
  /** @defaultValue systemRandom */
  readonly random?: Random | undefined;
}

/** The options with the defaults filled in. */
export interface Settings {
  readonly store: SagaStore;
  readonly sagas: readonly SagaDefinition[];
  readonly worker: string;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly graceMs: number;
  readonly concurrency: number;
  readonly maxPayload: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Callers without types hear what is missing, not where it was looked for. */
const requireParts = (store: unknown, sagas: unknown): void => {
  if (typeof store !== "object" || store === null)
    throw new InvalidOptionError("store", store, "a store");
  if (!Array.isArray(sagas))
    throw new InvalidOptionError("sagas", sagas, "a list of definitions");
  for (const each of sagas as unknown[])
    if (!Array.isArray((each as { steps?: unknown } | null)?.steps))
      throw new InvalidOptionError(
        "sagas",
        each,
        "definitions, each ended by result()",
      );
};

export const resolveOptions = (options: OrchestratorOptions): Settings => {
  const { store, sagas, clock = systemClock, random = systemRandom } = options;
  requireParts(store, sagas);
  const seen = new Set<string>();
  for (const { name, version } of sagas) {
    const definition = `${name} version ${version}`;
    if (seen.has(definition))
      throw new InvalidOptionError("sagas", definition, "registered once");
    seen.add(definition);
  }
  const workerId = requireText("workerId", options.workerId ?? "worker");
  return {
    store,
    sagas,
    worker: `${workerId}-${randomName(random)}`,
    leaseMs: requireDuration("lease", options.lease ?? "30s", 100, longestMs),
    pollMs: requireDuration("poll", options.poll ?? "200ms", 1, longestMs),
    graceMs: requireDuration("grace", options.grace ?? "5s", 0, longestMs),
    concurrency: requireInteger("concurrency", options.concurrency ?? 256, 0),
    maxPayload: requireInteger("maxPayload", options.maxPayload ?? 262_144, 2),
    clock,
    random,
  };
};
