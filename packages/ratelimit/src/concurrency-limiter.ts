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
  type MetricFamily,
  type MetricSource,
  type Random,
} from "@dp/core";
import { createLease, type Lease } from "./lease.ts";
import type { LeaseStore } from "./leases/lease-store.ts";
import { MemoryLeases } from "./leases/memory-leases.ts";

/** How many may hold a key at once, and for how long without a sign of life. */
export interface ConcurrencyLimiterOptions {
  /** Leases of one key at a time. At least 1. */
  readonly max: number;
  /**
   * How long a lease lasts that nobody renews, because its process has died. A third of it passes between renewals. At
   * least 10 ms.
   *
   * @defaultValue '30s'
   */
  readonly ttl?: Duration | undefined;
  /** A store that keeps leases, for all processes that share it. @defaultValue this process's memory */
  readonly store?: { readonly leases?: LeaseStore | undefined } | undefined;
  /** Sets limiters that share a store apart, and is the `limiter` label of the metrics. @defaultValue 'concurrency' */
  readonly prefix?: string | undefined;
  /** @defaultValue the system's */
  readonly clock?: Clock | undefined;
  /** Where the names of owners come from. @defaultValue the system's */
  readonly random?: Random | undefined;
}

/** Bounds how much goes on at once, over all processes that share its store. */
export interface ConcurrencyLimiter extends MetricSource {
  /**
   * A lease of `key`, or undefined if `max` are held. It is renewed until it is released. Rejects if the store cannot
   * tell; what it may have given then ends by itself.
   */
  acquire(key: string): Promise<Lease | undefined>;
}

/**
 * Creates a {@link ConcurrencyLimiter}. A rate says how often, this says how many at once: exports of a tenant, sockets of
 * a user.
 *
 * Every lease has an owner, so that only its holder can release it, and an end, so that a process that dies holds nothing
 * for longer than `ttl`. Throws `InvalidOptionError` for an option out of bounds.
 */
export const createConcurrencyLimiter = (
  options: ConcurrencyLimiterOptions,
): ConcurrencyLimiter => {
  const { store, clock = systemClock, random = systemRandom } = options;
  const max = requireInteger("max", options.max, 1);
  const ttlMs = requireDuration("ttl", options.ttl ?? "30s", 10);
  const limiter = requireText("prefix", options.prefix ?? "concurrency");
  const leases = store === undefined ? new MemoryLeases(clock) : store.leases;
  if (leases === undefined)
    throw new InvalidOptionError("store", store, "one that keeps leases");
  const counts = { acquired: 0, refused: 0, lost: 0 };
  let held = 0;
  return {
    async acquire(key) {
      if (typeof key !== "string")
        throw new InvalidOptionError("key", key, "a string");
      const name = JSON.stringify([limiter, key]);
      const owner = randomName(random);
      const startedMs = clock.now();
      if (!(await leases.acquire(name, owner, max, ttlMs))) {
        counts.refused++;
        return undefined;
      }
      counts.acquired++;
      held++;
      return createLease({
        key,
        name,
        owner,
        ttlMs,
        startedMs,
        clock,
        leases,
        ended: (isLost) => {
          held--;
          if (isLost) counts.lost++;
        },
      });
    },
    metrics: (): MetricFamily[] => [
      {
        name: "dp_ratelimit_leases_total",
        help: "Leases asked for and acquired, refused because all were held, and lost to their end while held.",
        type: "counter",
        samples: Object.entries(counts).map(([outcome, value]) => ({
          labels: { limiter, outcome },
          value,
        })),
      },
      {
        name: "dp_ratelimit_leases_held",
        help: "Leases this process holds.",
        type: "gauge",
        samples: [{ labels: { limiter }, value: held }],
      },
    ],
  };
};
