import type { Clock } from "@dp/core";
import type { Instance } from "../instance.ts";
import type { Change, RemovalCause, WatchEvent } from "../watch-event.ts";
import { WatchQueue } from "../watch-queue.ts";
import type { FeedCounts } from "./feed-counts.ts";
import { changesBetween } from "./changes-between.ts";

type Reason = Extract<WatchEvent<unknown>, { type: "sync" }>["reason"];

/**
 * What is known of one service of a registry outside this process, and everyone who watches it. Whoever follows the
 * registry tells it; it tells the watches, and answers a new or slow one from what it knows.
 */
export class Feed<M> {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #counts: FeedCounts;
  readonly #idle: () => void;
  readonly #queues = new Set<WatchQueue<M>>();
  #instances = new Map<string, Instance<M>>();
  #revision = 0n;
  #known = false;
  #contactMs: number;
  #contacts = 0;
  #stale: Extract<WatchEvent<M>, { type: "stale" }> | undefined;

  /** `limit` bounds the unread events of each watch; `idle` is called when the last one has ended. */
  constructor(
    clock: Clock,
    limit: number,
    counts: FeedCounts,
    idle: () => void,
  ) {
    this.#clock = clock;
    this.#limit = limit;
    this.#counts = counts;
    this.#idle = idle;
    this.#contactMs = clock.now();
  }

  /** Whether the registry has answered at all. */
  get known(): boolean {
    return this.#known;
  }

  /** Whether contact was lost, and not found again. */
  get isStale(): boolean {
    return this.#stale !== undefined;
  }

  /** Of the last event. */
  get revision(): bigint {
    return this.#revision;
  }

  /** The state as of {@link Feed.revision}. Not a copy. */
  get instances(): ReadonlyMap<string, Instance<M>> {
    return this.#instances;
  }

  /** How often the registry said how the service is. A sign of life that ends in a refusal is none. */
  get contacts(): number {
    return this.#contacts;
  }

  /** Opens one watch. */
  open(signal?: AbortSignal): WatchQueue<M> {
    const queue = new WatchQueue<M>(
      {
        sync: (reason) => {
          if (!this.#known) return undefined;
          const sync = this.#sync(reason);
          return this.#stale === undefined ? [sync] : [sync, this.#stale];
        },
        closed: () => {
          this.#queues.delete(queue);
          if (this.#queues.size === 0) this.#idle();
        },
      },
      this.#limit,
      signal,
    );
    this.#queues.add(queue);
    return queue;
  }

  /** Ends every watch after what it has not read yet. */
  close(): void {
    for (const queue of [...this.#queues]) queue.end();
  }

  /** The registry was heard from, whether or not it had anything to say. */
  touch(): void {
    this.#contactMs = this.#clock.now();
  }

  /**
   * The whole state at one revision: the first answer, or one whose deltas are gone. Told as `sync`; to watches that
   * wait for their first event it is `initial`.
   */
  replace(
    instances: ReadonlyMap<string, Instance<M>>,
    revision: bigint,
    reason: Exclude<Reason, "initial" | "overflow">,
  ): void {
    this.touch();
    this.#contacts++;
    this.#stale = undefined;
    this.#instances = new Map(instances);
    this.#revision = revision;
    if (this.#known) {
      this.#counts.resyncs[reason]++;
      this.#tell(this.#sync(reason));
    }
    this.#known = true;
    for (const queue of [...this.#queues]) queue.known();
  }

  /** Live changes, which are one revision. */
  change(changes: readonly Change<M>[], revision: bigint): void {
    this.touch();
    this.#contacts++;
    for (const change of changes) {
      if (change.op === "put")
        this.#instances.set(change.instance.id, change.instance);
      else this.#instances.delete(change.id);
    }
    this.#revision = revision;
    this.#counts.changes += changes.length;
    this.#tell(
      Object.freeze({
        type: "delta",
        revision,
        changes: Object.freeze(changes.map((change) => Object.freeze(change))),
      }),
    );
  }

  /**
   * The whole state as seen just now, for registries that keep no revisions: the first is told as `sync`, later ones
   * as one delta of what differs, under the next number of a counter of the feed's own; nothing if nothing does.
   */
  observe(
    seen: ReadonlyMap<string, Instance<M>>,
    why: RemovalCause = "unknown",
  ): void {
    const changes = changesBetween(this.#instances, seen, why);
    const revision = this.#revision + 1n;
    const stamped = changes.map((change) =>
      change.op === "put"
        ? {
            op: change.op,
            instance: Object.freeze({ ...change.instance, revision }),
          }
        : change,
    );
    if (!this.#known) {
      const instances = stamped.flatMap((change) =>
        change.op === "put"
          ? [[change.instance.id, change.instance] as const]
          : [],
      );
      this.replace(new Map(instances), revision, "store-reset");
      return;
    }
    this.found();
    if (stamped.length > 0) this.change(stamped, revision);
  }

  /** Contact was lost, at the last {@link Feed.touch}. Told once until it is found again. */
  lost(error: Error): void {
    if (this.#stale !== undefined) return;
    this.#counts.losses++;
    this.#stale = Object.freeze({
      type: "stale",
      sinceMs: this.#contactMs,
      error,
    });
    if (this.#known) this.#tell(this.#stale);
  }

  /** Contact is there, and nothing was missed. */
  found(): void {
    this.touch();
    this.#contacts++;
    if (this.#stale === undefined) return;
    this.#stale = undefined;
    if (this.#known)
      this.#tell(Object.freeze({ type: "fresh", revision: this.#revision }));
  }

  #sync(reason: Reason): Extract<WatchEvent<M>, { type: "sync" }> {
    return {
      type: "sync",
      revision: this.#revision,
      reason,
      instances: new Map(this.#instances),
    };
  }

  #tell(event: WatchEvent<M>): void {
    for (const queue of [...this.#queues]) queue.push(event);
  }
}
