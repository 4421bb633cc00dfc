import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
  type MetricSource,
  type Random,
} from "@dp/core";
import { ClosedError } from "../../errors.ts";
import type { Metadata } from "../../instance.ts";
import type { Registry } from "../../registry.ts";
import { attempt } from "../../remote/attempt.ts";
import { Feeds } from "../../remote/feeds.ts";
import { Registrations } from "../../remote/registrations.ts";
import { WatchCounts } from "../../remote/watch-counts.ts";
import { requireNames, requireWellFormed } from "../../remote/well-formed.ts";
import { RedisAnnouncement } from "./redis-announcement.ts";
import { scriptClientOf, type RedisClient } from "./redis-client.ts";
import { RedisStore } from "./redis-store.ts";
import { followRedis, readMembers } from "./redis-watch.ts";

export interface RedisRegistryOptions {
  /** Starts every key; without braces. @defaultValue "dp-discovery" */
  readonly prefix?: string | undefined;
  /**
   * How long Redis may be silent: a watch that hears nothing for so long is stale, a list rejects. At least 100 ms.
   * @defaultValue 5s
   */
  readonly detect?: Duration | undefined;
  /**
   * Changes of a service that a watch may miss and still catch up with one by one; after more it is told the state
   * anew. An integer of at least 1. @defaultValue 1024
   */
  readonly history?: number | undefined;
  /**
   * Called with the reason of every failed exchange and of every record that is skipped.
   * @defaultValue nobody is told
   */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * What metrics call this registry: two of one kind need two names to be told apart.
   * @defaultValue "redis"
   */
  readonly name?: string | undefined;
  /** Measures time limits and waits; leases go by the time of Redis. @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** Spreads renewals, retries and sweeps. @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}

/** A registry in Redis; its metrics are about what this object does. */
export interface RedisRegistry<M = Metadata>
  extends Registry<M>, MetricSource {}

const requirePrefix = (value: string): string => {
  if (!/[{}]/.test(requireText("prefix", value))) return value;
  throw new InvalidOptionError("prefix", value, "a text without braces");
};

/**
 * A registry kept in Redis 5 or newer, alone, with Sentinel or as a Cluster, through a client of ioredis or node-redis
 * that stays the caller's. Every operation is one atomic script and every change an entry of a stream, so watches get
 * each change once and in order, and see when they cannot. Leases go by the time of Redis; one that is over ends at the
 * next script about the service, whoever sends it, and watches send one within 250 ms.
 *
 * A watched service takes one connection besides the client. A write costs one script, O(1) plus one entry of the log.
 * Whatever loses acknowledged writes of Redis loses registrations with it: they are put back at their next renewal
 * (with `ttl: Infinity` there is none), and watches get a `sync` of reason `store-reset`. Keys must not be evicted.
 */
export const redisRegistry = <M = Metadata>(
  client: RedisClient,
  options: RedisRegistryOptions = {},
): RedisRegistry<M> => {
  const { clock = systemClock, random = systemRandom, onError } = options;
  const detectMs = requireDuration("detect", options.detect ?? "5s", 100);
  const name = requireText("name", options.name ?? "redis");
  const scripts = scriptClientOf(client);
  const store = new RedisStore({
    client: scripts,
    clock,
    prefix: requirePrefix(options.prefix ?? "dp-discovery"),
    history: requireInteger("history", options.history ?? 1024, 1),
  });
  const report = (error: Error): void => {
    try {
      onError?.(error);
    } catch {
      // A listener's fault is no reason to stop.
    }
  };
  const counts = new WatchCounts(report);
  const skipped = (error: Error): void => {
    counts.skipped++;
    report(error);
  };
  const feeds = new Feeds<M>(
    clock,
    random,
    counts.around(
      followRedis<M>({
        client: scripts,
        store,
        clock,
        random,
        detectMs,
        counts,
        skipped,
      }),
    ),
  );
  const registrations = new Registrations<M>({
    clock,
    random,
    failed: report,
    announce: (instance, ttlMs) =>
      new RedisAnnouncement<M>(store, random, instance, ttlMs),
    accept: requireNames,
  });
  const closing = new AbortController();
  const requireOpen = (): void => {
    if (closing.signal.aborted) throw new ClosedError("the Redis registry");
  };

  return {
    capabilities: { lease: true, push: true, fencing: true },
    async register(spec, registerOptions) {
      requireOpen();
      return registrations.register(spec, registerOptions?.signal);
    },
    async list(service) {
      requireOpen();
      requireWellFormed("service", service);
      const look = await attempt(clock, detectMs, closing.signal, (signal) =>
        store.look(service, undefined, signal),
      );
      const members = look.kind === "state" ? look.members : [];
      return [...readMembers<M>(service, members, skipped).values()];
    },
    async services() {
      requireOpen();
      return attempt(clock, detectMs, closing.signal, (signal) =>
        store.services(signal),
      );
    },
    watch: (service, watchOptions) =>
      feeds.watch(service, watchOptions?.signal, () => {
        requireOpen();
        requireWellFormed("service", service);
      }),
    metrics: () => [
      ...registrations.metrics(name),
      ...counts.metrics(name, feeds),
    ],
    async [Symbol.asyncDispose]() {
      closing.abort(new ClosedError("the Redis registry"));
      feeds.close();
      await registrations.close();
    },
  };
};
