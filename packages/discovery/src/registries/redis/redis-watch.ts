import type { Clock, Random } from "@dp/core";
import type { Instance } from "../../instance.ts";
import { attempt } from "../../remote/attempt.ts";
import type { Feed } from "../../remote/feed.ts";
import type { Follow } from "../../remote/feeds.ts";
import { readRecord } from "../../remote/instance-record.ts";
import type { Change } from "../../watch-event.ts";
import type { Look, LoggedChange, StoredMember } from "./look.ts";
import type { ScriptClient } from "./redis-client.ts";
import { Readiness } from "./readiness.ts";
import type { RedisStore } from "./redis-store.ts";

/**
 * A lease that is over is noticed by every watcher of the service, this much later at most. The first one logs it, which
 * wakes the others before they ask too.
 */
const sweepSpreadMs = 250;

/** The scripts count on somebody looking more often than every 5 s. */
const longestBlockMs = 2_500;

export interface RedisWatchOptions {
  readonly client: ScriptClient;
  readonly store: RedisStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly detectMs: number;
  /** Told of each record that cannot be read. */
  readonly skipped: (error: Error) => void;
}

/** Members that can be read, by id; of the others it is told. */
export const readMembers = <M>(
  service: string,
  members: readonly StoredMember[],
  skipped: (error: Error) => void,
): Map<string, Instance<M>> => {
  const instances = new Map<string, Instance<M>>();
  for (const member of members) {
    const instance = readInstance<M>(service, member, skipped);
    if (instance !== undefined) instances.set(member.id, instance);
  }
  return instances;
};

const readInstance = <M>(
  service: string,
  { id, revision, record }: StoredMember,
  skipped: (error: Error) => void,
): Instance<M> | undefined => {
  try {
    const where = `${service} ${id} in Redis`;
    const { instance } = readRecord<M>(record, service, id, where);
    return Object.freeze({ ...instance, revision });
  } catch (error) {
    skipped(error as Error);
    return undefined;
  }
};

/**
 * Follows a service: looks at what happened since the last look, and then waits, on a connection of its own, for the log
 * to grow, for the next lease to end, or for a while in which Redis may be silent. What it is woken
 * by says nothing; only looks do, and each sees one moment.
 */
export const followRedis =
  <M>(options: RedisWatchOptions): Follow<M> =>
  async (service, feed, signal) => {
    const { client, store, clock, random, detectMs } = options;
    const reader = client.openReader();
    // Not a race with the loss in each step: what lasts would keep the outcome of every race it ever was in.
    const contact = new AbortController();
    const end = (): void => contact.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    reader.lost.catch((error: unknown) => contact.abort(error));
    /** One step under the time limit, given up at once when the connection is lost. */
    const step = <T>(call: (inner: AbortSignal) => Promise<T>): Promise<T> =>
      attempt(clock, detectMs, contact.signal, call);
    try {
      // First of all, so that nobody hears of contact that does not last.
      await step((inner) => new Readiness(reader, clock).reached(inner));
      let cursor = feed.known ? feed.revision : undefined;
      for (;;) {
        const look = await step((inner) => store.look(service, cursor, inner));
        cursor = tell(options, service, feed, look);
        if (cursor !== look.revision) continue;
        const dueMs = look.dueMs + random() * sweepSpreadMs;
        const mostMs = Math.min(longestBlockMs, detectMs / 2);
        const blockMs = Math.ceil(Math.max(1, Math.min(mostMs, dueMs)));
        const id = `${cursor}-0`;
        await step(() => reader.wait(store.logOf(service), id, blockMs));
      }
    } finally {
      signal.removeEventListener("abort", end);
      reader.close();
    }
  };

/** Tells the feed what was seen; returns up to where that goes. */
const tell = <M>(
  { skipped }: RedisWatchOptions,
  service: string,
  feed: Feed<M>,
  look: Look,
): bigint => {
  if (look.kind === "state") {
    const instances = readMembers<M>(service, look.members, skipped);
    // After a loss of data there may be nothing yet, which is no reason to go back.
    const revision =
      look.revision > feed.revision ? look.revision : feed.revision;
    const reason = look.reason === "initial" ? "compacted" : look.reason;
    feed.replace(instances, revision, reason);
    return look.revision;
  }
  feed.found();
  for (const logged of look.changes) {
    const change = readChange<M>(service, feed, logged, skipped);
    if (change === undefined) continue;
    feed.change([change], logged.revision);
  }
  return look.changes.at(-1)?.revision ?? look.revision;
};

/** Undefined: there is nothing to tell. A record that cannot be read takes the place of what stood there. */
const readChange = <M>(
  service: string,
  feed: Feed<M>,
  logged: LoggedChange,
  skipped: (error: Error) => void,
): Change<M> | undefined => {
  const { id } = logged;
  const instance =
    logged.op === "put" ? readInstance<M>(service, logged, skipped) : undefined;
  if (instance !== undefined) return { op: "put", instance };
  if (!feed.instances.has(id)) return undefined;
  return {
    op: "delete",
    id,
    why: logged.op === "delete" ? logged.why : "unknown",
  };
};
