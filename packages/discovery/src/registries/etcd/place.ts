import { EtcdError, grpcCode } from "./etcd-error.ts";
import { int64, type KeyValue, type WatchMessage } from "./wire.ts";

/** What one revision did to the keys below the prefix. */
export interface RevisionEvents {
  readonly revision: bigint;
  readonly events: readonly {
    readonly isDelete: boolean;
    readonly kv: KeyValue;
  }[];
}

/** What a message of the watch asks for. */
export type Step =
  | { readonly kind: "opened"; readonly revision: bigint }
  | { readonly kind: "events"; readonly revisions: readonly RevisionEvents[] }
  | { readonly kind: "relist"; readonly reason: "compacted" | "store-reset" };

const noEvents = { kind: "events", revisions: [] } as const;

/**
 * How far one watch has got in the history of its store, and what it has to make of each message.
 *
 * The cursor is the first revision not known yet. Only events move it, and notes of progress: a message's header names
 * the revision the store has reached, which can be far ahead of the events that are still to come, so it must not (nor
 * must the one that confirms the watch).
 */
export class Place {
  readonly clusterId: string;
  #cursor: bigint;
  /** Events of the revision that the end of a fragment may have cut in two. */
  #held: RevisionEvents | undefined;
  #inFragment = false;

  constructor(revision: bigint, clusterId: string) {
    this.#cursor = revision + 1n;
    this.clusterId = clusterId;
  }

  get cursor(): bigint {
    return this.#cursor;
  }

  /** A new connection: what was cut in two is sent again. */
  reopen(): void {
    this.#held = undefined;
    this.#inFragment = false;
  }

  /** Takes in the next message. Throws for one that ends the watch without saying that it cannot go on from here. */
  take(message: WatchMessage): Step {
    const { header, canceled, compact_revision, cancel_reason } = message;
    const clusterId = header?.cluster_id;
    if (clusterId !== undefined && clusterId !== this.clusterId)
      return { kind: "relist", reason: "store-reset" };
    if (canceled === true) {
      // Its header has revision 0 or any other; it says nothing about the cursor.
      if (int64(compact_revision) > 0n)
        return { kind: "relist", reason: "compacted" };
      throw new EtcdError(
        cancel_reason ?? "etcd ended the watch without a reason",
        grpcCode.unavailable,
      );
    }
    const revision = int64(header?.revision);
    if (message.created === true) return { kind: "opened", revision };
    if (message.events !== undefined && message.events.length > 0)
      return this.#events(message);
    if (this.#inFragment || message.fragment === true) return noEvents;
    if (revision >= this.#cursor) this.#cursor = revision + 1n;
    return noEvents;
  }

  #events({ events = [], fragment }: WatchMessage): Step {
    const groups = new Map<bigint, { isDelete: boolean; kv: KeyValue }[]>();
    if (this.#held !== undefined)
      groups.set(this.#held.revision, [...this.#held.events]);
    for (const { type, kv = {} } of events) {
      const revision = int64(kv.mod_revision);
      // Told already, by a member that was behind and is asked from an earlier place.
      if (revision < this.#cursor) continue;
      const group = groups.get(revision);
      const event = { isDelete: type === "DELETE", kv };
      if (group === undefined) groups.set(revision, [event]);
      else group.push(event);
    }
    const revisions = Array.from(groups, ([revision, group]) => ({
      revision,
      events: group,
    }));
    this.#inFragment = fragment === true;
    this.#held = this.#inFragment ? revisions.pop() : undefined;
    const last = revisions.at(-1);
    if (last !== undefined) this.#cursor = last.revision + 1n;
    return { kind: "events", revisions };
  }
}
