import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireText,
  systemClock,
  systemRandom,
  type Duration,
  type MetricSource,
} from "@dp/core";
import type { RegistryOptions } from "../../remote/registry-options.ts";
import type { Metadata } from "../../instance.ts";
import type { Registry } from "../../registry.ts";
import { Failures } from "../../remote/failures.ts";
import { Feeds } from "../../remote/feeds.ts";
import { leasedRegistry } from "../../remote/leased-registry.ts";
import { Registrations } from "../../remote/registrations.ts";
import { RedisAnnouncement } from "./redis-announcement.ts";
import { scriptClientOf, type RedisClient } from "./redis-client.ts";
import { RedisStore } from "./redis-store.ts";
import { followRedis, readMembers } from "./redis-watch.ts";

export interface RedisRegistryOptions extends RegistryOptions {
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
  const { clock = systemClock, random = systemRandom } = options;
  const detectMs = requireDuration("detect", options.detect ?? "5s", 100);
  const failures = new Failures(options.onError);
  const failed = (error: Error): void => void failures.report(error);
  const skipped = (error: Error): void => failures.skip(error);
  const scripts = scriptClientOf(client);
  const store = new RedisStore({
    client: scripts,
    clock,
    prefix: requirePrefix(options.prefix ?? "dp-discovery"),
    history: requireInteger("history", options.history ?? 1024, 1),
  });
  const follow = followRedis<M>({
    client: scripts,
    store,
    clock,
    random,
    detectMs,
    skipped,
  });
  return leasedRegistry({
    kind: "Redis",
    name: requireText("name", options.name ?? "redis"),
    fencing: true,
    clock,
    detectMs,
    failures,
    feeds: new Feeds<M>(clock, random, follow, failed),
    registrations: new Registrations<M>({
      clock,
      random,
      failed,
      announce: (instance, ttlMs) =>
        new RedisAnnouncement<M>(store, random, instance, ttlMs),
    }),
    async list(service, signal) {
      const look = await store.look(service, undefined, signal);
      const members = look.kind === "state" ? look.members : [];
      return [...readMembers<M>(service, members, skipped).values()];
    },
    services: (signal) => store.services(signal),
  });
};
