import type { MetricFamily, MetricSource } from "@dp/core";
import { ClosedError } from "../../errors.ts";
import type { Metadata } from "../../instance.ts";
import type { Registry } from "../../registry.ts";
import { attempt } from "../../remote/attempt.ts";
import { Feeds } from "../../remote/feeds.ts";
import { Registrations } from "../../remote/registrations.ts";
import { EtcdAnnouncement } from "./announcement.ts";
import { Entries } from "./entries.ts";
import { Follower } from "./follower.ts";
import { Gateway } from "./gateway.ts";
import { Keys } from "./keys.ts";
import { resolveEtcdOptions, type EtcdRegistryOptions } from "./options.ts";
import { listKeys, type Listing, type RangeOptions } from "./ranges.ts";
import { decode } from "./wire.ts";

/** A registry that is disposed lets its own watches see its registrations leave, but not for longer. */
const farewellMs = 1_000;

export type EtcdRegistry<M = Metadata> = Registry<M> & MetricSource;

/**
 * A registry in etcd v3 (3.4 or newer) over its JSON gateway: no client library. Instances are keys under leases, one
 * lease each; watches go on from where they were over any loss of contact, and notice a compaction, a store that
 * started over, and a server that has stopped to answer within `detect`.
 *
 * Costs one HTTP/1.1 connection for each watched service, however many watch it, plus a small question in each half
 * of `detect` in which nothing was heard; two exchanges a renewal or a change, three to register, two to deregister. Throws
 * `InvalidOptionError` for a bad option.
 */
export const etcdRegistry = <M = Metadata>(
  options: EtcdRegistryOptions,
): EtcdRegistry<M> => {
  const resolved = resolveEtcdOptions(options);
  const { clock, random, detectMs, failures } = resolved;
  const failed = (error: Error): void => void failures.report(error);
  const gateway = new Gateway(resolved);
  const keys = new Keys(resolved.prefix);
  const entries = new Entries<M>(keys, (error) => failures.skip(error));
  const follower = new Follower<M>({
    gateway,
    keys,
    entries,
    clock,
    random,
    detectMs,
  });
  const feeds = new Feeds<M>(clock, random, follower.follow, failed);
  const ended = new AbortController();
  let closing: Promise<void> | undefined;
  /** The revisions at which own registrations left while closing, by service. */
  const farewells = new Map<string, bigint>();
  const registrations = new Registrations<M>({
    clock,
    random,
    failed,
    announce: ({ service, id }, ttlMs) =>
      new EtcdAnnouncement<M>({
        gateway,
        entries,
        key: keys.of(service, id),
        ttlMs,
        random,
        left: (revision) => {
          if (closing !== undefined) farewells.set(service, revision);
        },
      }),
  });

  const requireOpen = (): void => {
    if (closing !== undefined) throw new ClosedError("the etcd registry");
  };
  /** Asks each member once, and a single one twice: a connection may have died unnoticed. */
  const list = async (
    prefix: string,
    range: RangeOptions,
  ): Promise<Listing> => {
    for (let left = Math.max(gateway.members, 2); ; left--) {
      requireOpen();
      try {
        return await listKeys(gateway, prefix, range, ended.signal);
      } catch (error) {
        if (ended.signal.aborted || left === 1) throw error;
        failures.report(error);
      }
    }
  };
  const close = async (): Promise<void> => {
    await registrations.close();
    await Promise.all(
      Array.from(farewells, ([service, revision]) =>
        attempt(clock, farewellMs, undefined, () =>
          follower.reached(service, revision),
        ).catch(() => undefined),
      ),
    );
    feeds.close();
    ended.abort(new ClosedError("the etcd registry"));
    gateway.close();
  };

  return {
    capabilities: { lease: true, push: true, fencing: true },
    async register(spec, registerOptions) {
      requireOpen();
      return registrations.register(spec, registerOptions?.signal);
    },
    async list(service) {
      requireOpen();
      const { kvs } = await list(keys.ofService(service), {});
      return kvs.flatMap((kv) => entries.read(kv)?.instance ?? []);
    },
    async services() {
      requireOpen();
      const { kvs } = await list(keys.root, { keysOnly: true });
      const names = kvs.flatMap(
        ({ key }) => keys.names(decode(key))?.service ?? [],
      );
      return [...new Set(names)].sort();
    },
    watch: (service, watchOptions) =>
      feeds.watch(service, watchOptions?.signal, () => {
        requireOpen();
        // Throws for a name that no key can have.
        keys.ofService(service);
      }),
    metrics: (): Iterable<MetricFamily> => [
      ...registrations.metrics(resolved.name),
      ...feeds.metrics(resolved.name),
      failures.skippedMetric(resolved.name),
    ],
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
};
