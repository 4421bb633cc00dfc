import type { Instance } from "../../instance.ts";
import type { Feed } from "../../remote/feed.ts";
import type { Change, RemovalCause } from "../../watch-event.ts";
import type { Entries } from "./entries.ts";
import { Place, type RevisionEvents } from "./place.ts";
import type { Listing } from "./ranges.ts";
import { int64, type KeyValue } from "./wire.ts";

/** Tells one put of a key from every other, in this store or one that took its place. */
interface Stamp {
  readonly revision: bigint;
  /** 0n for a key without one. */
  readonly lease: bigint;
}

interface Waiter {
  readonly revision: bigint;
  readonly resolve: () => void;
}

/** Why the deltas since the last listing are not to be had. */
export type Gap = "compacted" | "store-reset";

export interface AccountOptions<M> {
  readonly service: string;
  readonly prefix: string;
  readonly feed: Feed<M>;
  readonly entries: Entries<M>;
  readonly listing: Listing;
  /** A feed that knows nothing yet tells it as its first. */
  readonly reason: Gap;
}

const stampOf = (kv: KeyValue): Stamp => ({
  revision: int64(kv.mod_revision),
  lease: int64(kv.lease),
});

/** All that is known of one watched service: its place in the store's history, its keys, and the feed that tells it. */
export class Account<M> {
  readonly service: string;
  /** Every key of the service starts with it. */
  readonly prefix: string;
  readonly place: Place;
  /** No connection was tried yet since the listing. */
  isFresh: boolean = true;
  readonly #feed: Feed<M>;
  readonly #entries: Entries<M>;
  /** Every key, whether or not it is an instance. */
  readonly #stamps = new Map<string, Stamp>();
  readonly #waiters = new Set<Waiter>();

  /** Replaces what the feed knows by the listing. */
  constructor(options: AccountOptions<M>) {
    const { service, prefix, feed, entries, listing, reason } = options;
    this.service = service;
    this.prefix = prefix;
    this.#feed = feed;
    this.#entries = entries;
    this.place = new Place(listing.revision, listing.clusterId);
    const instances = new Map<string, Instance<M>>();
    for (const kv of listing.kvs) {
      this.#stamps.set(kv.key ?? "", stampOf(kv));
      const entry = entries.read(kv);
      if (entry?.instance !== undefined)
        instances.set(entry.id, entry.instance);
    }
    feed.replace(instances, listing.revision, reason);
  }

  /** How many keys there are, whether or not they are instances. */
  get keys(): number {
    return this.#stamps.size;
  }

  /** The other end was heard from. */
  touch(): void {
    this.#feed.touch();
  }

  /** Contact is there, and nothing was missed. */
  found(): void {
    this.#feed.found();
  }

  /** Whether a listing as of just before the cursor says what is known: key for key, put by put. */
  agreesWith({ kvs }: Listing): boolean {
    return (
      kvs.length === this.#stamps.size &&
      kvs.every((kv) => {
        const held = this.#stamps.get(kv.key ?? "");
        const { revision, lease } = stampOf(kv);
        return held?.revision === revision && held.lease === lease;
      })
    );
  }

  /** The leases of the keys that these events delete, as far as they were known before. */
  leasesEnding(revisions: readonly RevisionEvents[]): ReadonlySet<bigint> {
    const leases = new Set<bigint>();
    for (const { events } of revisions)
      for (const { isDelete, kv } of events) {
        const id = this.#entries.idOf(kv);
        if (!isDelete || id === undefined || !this.#feed.instances.has(id))
          continue;
        leases.add(this.#stamps.get(kv.key ?? "")?.lease ?? 0n);
      }
    leases.delete(0n);
    return leases;
  }

  /** Tells the feed, one delta a revision. How many changes that were. */
  tell(
    revisions: readonly RevisionEvents[],
    why: ReadonlyMap<bigint, RemovalCause>,
  ): void {
    for (const { revision, events } of revisions) {
      const changes = events.flatMap(({ isDelete, kv }) =>
        isDelete ? this.#deleted(kv, why) : this.#put(kv),
      );
      if (changes.length === 0) continue;
      this.#feed.change(changes, revision);
    }
    for (const waiter of this.#waiters)
      if (waiter.revision < this.place.cursor) {
        this.#waiters.delete(waiter);
        waiter.resolve();
      }
  }

  /** Resolves once all up to this revision is told. */
  reached(revision: bigint): Promise<void> {
    return new Promise((resolve) => {
      if (revision < this.place.cursor) resolve();
      else this.#waiters.add({ revision, resolve });
    });
  }

  #put(kv: KeyValue): Change<M>[] {
    this.#stamps.set(kv.key ?? "", stampOf(kv));
    const entry = this.#entries.read(kv);
    if (entry === undefined) return [];
    const { id, instance, left } = entry;
    if (instance !== undefined) return [{ op: "put", instance }];
    // Over an instance, it is the end of it.
    if (!this.#feed.instances.has(id)) return [];
    return [{ op: "delete", id, why: left ? "deregistered" : "unknown" }];
  }

  #deleted(kv: KeyValue, why: ReadonlyMap<bigint, RemovalCause>): Change<M>[] {
    const key = kv.key ?? "";
    const lease = this.#stamps.get(key)?.lease ?? 0n;
    this.#stamps.delete(key);
    const id = this.#entries.idOf(kv);
    if (id === undefined || !this.#feed.instances.has(id)) return [];
    return [{ op: "delete", id, why: why.get(lease) ?? "unknown" }];
  }
}
