import { DpError, type Clock, type MetricFamily, type Random } from "@dp/core";
import { openOnFirstRead } from "../open-on-first-read.ts";
import type { WatchEvent } from "../watch-event.ts";
import { Backoff } from "./backoff.ts";
import { FeedCounts } from "./feed-counts.ts";
import { Feed } from "./feed.ts";

/** Unread events a watcher may keep; a rolling restart of a few hundred instances fits. */
const watchLimit = 1024;

/**
 * Follows one service from where the feed stands until contact is lost, telling the feed. Rejects then; never resolves
 * by itself. Called again after a wait, so it does not try again on its own.
 */
export type Follow<M> = (
  service: string,
  feed: Feed<M>,
  signal: AbortSignal,
) => Promise<void>;

interface Open<M> {
  readonly feed: Feed<M>;
  readonly abort: AbortController;
}

/**
 * One feed per service that is watched, however many watch it: followed from its first watch to the end of its last,
 * and followed again for ever after each loss of contact, with jittered waits.
 */
export class Feeds<M> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #follow: Follow<M>;
  readonly #lost: ((error: Error) => void) | undefined;
  readonly #counts = new FeedCounts();
  readonly #open = new Map<string, Open<M>>();

  /** `lost` is told of each loss of contact. */
  constructor(
    clock: Clock,
    random: Random,
    follow: Follow<M>,
    lost?: (error: Error) => void,
  ) {
    this.#lost = lost;
    this.#clock = clock;
    this.#random = random;
    this.#follow = follow;
  }

  /** Services that are followed. */
  get size(): number {
    return this.#open.size;
  }

  /** `registry` is the value of that label. O(services). */
  metrics(registry: string): MetricFamily[] {
    let stale = 0;
    for (const { feed } of this.#open.values()) if (feed.isStale) stale++;
    return this.#counts.metrics(registry, this.size, stale);
  }

  /** See `Registry.watch`. `requireOpen` throws what a first read has to reject with. */
  watch(
    service: string,
    signal: AbortSignal | undefined,
    requireOpen: () => void,
  ): AsyncIterable<WatchEvent<M>> {
    return {
      [Symbol.asyncIterator]: () =>
        openOnFirstRead(() => {
          requireOpen();
          return this.#feed(service).open(signal);
        }, signal),
    };
  }

  /** Ends every watch and lets go of the registry. */
  close(): void {
    for (const { feed } of [...this.#open.values()]) feed.close();
  }

  #feed(service: string): Feed<M> {
    const open = this.#open.get(service);
    if (open !== undefined) return open.feed;
    const abort = new AbortController();
    const feed = new Feed<M>(this.#clock, watchLimit, this.#counts, () => {
      this.#open.delete(service);
      abort.abort(
        new DpError("DP_UNWATCHED", `nobody watches ${service} any more`),
      );
    });
    this.#open.set(service, { feed, abort });
    void this.#keepFollowing(service, feed, abort.signal);
    return feed;
  }

  async #keepFollowing(
    service: string,
    feed: Feed<M>,
    signal: AbortSignal,
  ): Promise<void> {
    const backoff = new Backoff(this.#clock, this.#random);
    const over = (): boolean => signal.aborted;
    while (!over()) {
      const { contacts } = feed;
      try {
        await this.#follow(service, feed, signal);
        throw new DpError("DP_WATCH_ENDED", `${service} is no longer followed`);
      } catch (error) {
        if (over()) return;
        const loss = error instanceof Error ? error : new Error(String(error));
        this.#lost?.(loss);
        feed.lost(loss);
      }
      if (feed.contacts !== contacts) backoff.reset();
      await this.#clock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }
}
