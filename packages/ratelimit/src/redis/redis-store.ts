import { systemClock, type Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import type { BoundPolicy, LimitStore, StoreSession } from "../stores/store.ts";
import { DenyCache } from "./deny-cache.ts";
import { LeasingSession } from "./lease-session.ts";
import { OperationQueue } from "./operation-queue.ts";
import { RedisCalls } from "./redis-calls.ts";
import { scriptClientOf, type RedisClient } from "./redis-client.ts";
import { redisLeases } from "./redis-leases.ts";
import { resolveRedisStore, type RedisStoreOptions } from "./redis-options.ts";
import { RedisSession } from "./redis-session.ts";

/** A store in Redis. */
export interface RedisStore extends LimitStore, Disposable {
  readonly leases: LeaseStore;
  /**
   * Fails what is under way, and everything from now on. The client stays open: it belongs to the caller. Harmless when
   * repeated. With `lease`, what is leased is given back first, and what is under way may still be answered.
   */
  close(): void;
}

/**
 * A store in Redis, for limits that all processes share, on a client of ioredis or node-redis that the caller has
 * connected: single, Sentinel or Cluster.
 *
 * A decision is one call of one script, whatever the number of policies: atomic, exact as in memory, by Redis' own time, and
 * a refusal writes nothing. A key lives until its subject is back to full. Nothing is sent while the client is not
 * ready; what is not answered within `timeout` fails and is never sent again; then the limiter's `onStoreError` decides.
 * What got lost may have been charged, once.
 *
 * In a cluster the keys of a limiter of one policy spread by subject. Those of a limiter of several policies are all in
 * one slot, because a decision over all of them has to be: give groups of subjects limiters of their own `prefix` to use
 * more nodes. Limiters share what they count if their policies have the same names in the same order.
 *
 * A Sentinel of node-redis has to be made with `passthroughClientErrorEvents: true`: else it sends again what a lost
 * connection left unanswered and tells nobody, and that is charged twice.
 *
 * With `lease` a limiter takes more than it is asked for while there is room, and spends that without asking: see the
 * option for what is given up.
 *
 * Throws `InvalidOptionError` for bad options; `bind` does for a policy of a kind that the script does not know.
 */
export const redisStore = (
  client: RedisClient,
  options: RedisStoreOptions = {},
): RedisStore => {
  const { prefix, timeoutMs, batch, clock, denyCache, lease } =
    resolveRedisStore(options);
  const scripts = scriptClientOf(client);
  const calls = new RedisCalls(scripts, timeoutMs);
  const queue = new OperationQueue(calls, { batch, byTag: scripts.isCluster });
  const parts = {
    queue,
    prefix,
    denyCache: denyCache ? new DenyCache() : undefined,
  };
  const leasing: LeasingSession[] = [];
  const close = (): void => {
    if (leasing.length === 0) {
      calls.close();
      return;
    }
    for (const session of leasing) session.close();
    queue.flush();
    calls.finish();
  };
  const bind = (
    policies: readonly BoundPolicy[],
    ownClock: Clock | undefined,
  ): StoreSession => {
    const time = ownClock ?? clock;
    const session = new RedisSession(parts, policies, time);
    if (lease === 0) return session;
    const leased = new LeasingSession(
      session,
      policies,
      time ?? systemClock,
      lease,
    );
    leasing.push(leased);
    return leased;
  };
  return {
    leases: redisLeases(calls, prefix, clock),
    bind,
    close,
    [Symbol.dispose]: close,
  };
};
