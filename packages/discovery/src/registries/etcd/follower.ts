import type { Clock, Random } from "@dp/core";
import { Backoff } from "../../remote/backoff.ts";
import type { Feed } from "../../remote/feed.ts";
import type { Follow } from "../../remote/feeds.ts";
import { Account, type Gap } from "./account.ts";
import type { Entries } from "./entries.ts";
import type { Gateway } from "./gateway.ts";
import type { Keys } from "./keys.ts";
import { listKeys } from "./ranges.ts";
import { WatchConnection } from "./watch-connection.ts";

export interface FollowerOptions<M> {
  readonly gateway: Gateway;
  readonly keys: Keys;
  readonly entries: Entries<M>;
  readonly clock: Clock;
  readonly random: Random;
  readonly detectMs: number;
}

/** Follows services: a listing, then a watch from the revision after it, over any number of connections. */
export class Follower<M> {
  readonly #options: FollowerOptions<M>;
  /** Of each watched service; kept while contact is lost, so that the watch goes on where it was. */
  readonly #accounts = new Map<Feed<M>, Account<M>>();

  readonly #known = new WeakSet<AbortSignal>();

  constructor(options: FollowerOptions<M>) {
    this.#options = options;
  }

  /** See {@link Follow}. */
  readonly follow: Follow<M> = async (service, feed, signal) => {
    const { gateway, clock, random, detectMs } = this.#options;
    const backoff = new Backoff(clock, random);
    this.#forgetWith(signal, feed);
    let account =
      this.#accounts.get(feed) ??
      (await this.#list(service, feed, "store-reset", signal));
    for (;;) {
      const { isFresh } = account;
      const connection = new WatchConnection({
        account,
        gateway,
        clock,
        detectMs,
      });
      const gap = await connection.run(signal);
      if (connection.wasOpened) backoff.reset();
      // Right after a listing: members that do not agree would have it listed without end.
      if (isFresh) await clock.sleep(backoff.next(), signal);
      account = await this.#list(service, feed, gap, signal);
    }
  };

  /** Resolves once the watch of this service, if there is one, has told all up to this revision. */
  async reached(service: string, revision: bigint): Promise<void> {
    for (const account of this.#accounts.values())
      if (account.service === service) await account.reached(revision);
  }

  #forgetWith(signal: AbortSignal, feed: Feed<M>): void {
    if (this.#known.has(signal)) return;
    this.#known.add(signal);
    const forget = (): void => void this.#accounts.delete(feed);
    signal.addEventListener("abort", forget, { once: true });
  }

  async #list(
    service: string,
    feed: Feed<M>,
    reason: Gap,
    signal: AbortSignal,
  ): Promise<Account<M>> {
    const { gateway, keys, entries } = this.#options;
    const prefix = keys.ofService(service);
    const listing = await listKeys(gateway, prefix, {}, signal);
    signal.throwIfAborted();
    const account = new Account({
      service,
      prefix,
      feed,
      entries,
      listing,
      reason,
    });
    this.#accounts.set(feed, account);
    return account;
  }
}
