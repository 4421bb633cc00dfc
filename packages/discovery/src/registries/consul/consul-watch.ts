import type { Clock } from "@dp/core";
import type { Instance } from "../../instance.ts";
import { attempt } from "../../remote/attempt.ts";
import { changesBetween } from "../../remote/changes-between.ts";
import type { Feed } from "../../remote/feed.ts";
import type { Follow } from "../../remote/feeds.ts";
import type { ConsulCatalog } from "./consul-catalog.ts";
import { readService } from "./consul-entry.ts";
import { QueryPace } from "./query-pace.ts";

export interface ConsulWatchOptions {
  readonly catalog: ConsulCatalog;
  readonly clock: Clock;
  /** How long one query may block. */
  readonly waitMs: number;
  /** How long an answer that is due may take. */
  readonly detectMs: number;
  /** Told of each entry that cannot be read. */
  readonly skipped: (error: Error) => void;
}

/**
 * Follows a service by blocking queries, one after the other, each from the index of the answer before. An answer is a
 * state, not a change: what differs from what is known is told as one delta. An index that goes back means that the
 * servers started over from older data, so what they say then is told as a whole. So is an answer with nobody after one
 * with somebody: it is more often a mistake than the end of every instance, so views make sure first.
 */
export const followConsul = <M>(options: ConsulWatchOptions): Follow<M> => {
  const { catalog, clock, waitMs, detectMs } = options;
  /** Of the last answer; an outage does not make it forgotten. */
  const indexes = new WeakMap<Feed<M>, bigint>();
  return async (service, feed, signal) => {
    const pace = new QueryPace(clock);
    let index: bigint | undefined;
    for (;;) {
      await pace.next(signal);
      const after = index === undefined ? undefined : { index, waitMs };
      const blockMs = index === undefined ? 0 : (waitMs * 17) / 16;
      const answer = await attempt(clock, blockMs + detectMs, signal, (inner) =>
        catalog.health(service, inner, after),
      );
      const seen = readService<M>(service, answer.body, options.skipped);
      const wentBack = answer.index < (indexes.get(feed) ?? 0n);
      indexes.set(feed, answer.index);
      tell(feed, seen, answer.index, wentBack);
      // Without an index the next answer comes at once, with 0 it would too: nothing blocks on what never was.
      index = wentBack ? undefined : answer.index === 0n ? 1n : answer.index;
    }
  };
};

/** A watch is told Consul's indexes, or the next number after one that is no greater than what it was told before. */
const tell = <M>(
  feed: Feed<M>,
  seen: ReadonlyMap<string, Instance<M>>,
  index: bigint,
  wentBack: boolean,
): void => {
  const next = index > feed.revision ? index : feed.revision + 1n;
  if (!feed.known) {
    feed.replace(seen, index, "store-reset");
  } else if (wentBack || (seen.size === 0 && feed.instances.size > 0)) {
    feed.replace(seen, next, "store-reset");
  } else {
    feed.found();
    const changes = changesBetween(feed.instances, seen, "unknown");
    if (changes.length > 0) feed.change(changes, next);
  }
};
