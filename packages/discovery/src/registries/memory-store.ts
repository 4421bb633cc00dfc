import type { Clock } from "@dp/core";
import type { Instance } from "../instance.ts";
import type { Change, RemovalCause, WatchEvent } from "../watch-event.ts";
import { WatchQueue } from "../watch-queue.ts";

/** Unread events a watcher may keep; a rolling restart of a few hundred instances fits. */
const watchLimit = 1024;

interface Entry<M> {
  readonly instance: Instance<M>;
  readonly owner: object;
  deadlineMs: number;
}

interface Service<M> {
  readonly entries: Map<string, Entry<M>>;
  readonly watches: Set<WatchQueue<M>>;
}

/**
 * The shared state of one memory registry: entries with a deadline, one revision counter, and the open watches. Every
 * method is synchronous, so no change can come between a look and a write. An entry past its deadline is gone for
 * every reader, whether or not the timer that removes it has fired.
 */
export class MemoryStore<M> {
  readonly #clock: Clock;
  readonly #services = new Map<string, Service<M>>();
  #revision = 0n;
  #watches = 0;
  /** No entry is due before this. */
  #nextDeadlineMs = Infinity;
  #cancelTimer: (() => void) | undefined;
  /** Entries with a finite deadline: without any there is no timer. */
  #mortal = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches that are open. */
  get watches(): number {
    return this.#watches;
  }

  /** Writes the instance with the next revision, replacing whatever has its id. Returns it as written. */
  put(instance: Instance<M>, owner: object, deadlineMs: number): Instance<M> {
    this.#expire();
    const written = Object.freeze({ ...instance, revision: ++this.#revision });
    const service = this.#service(written.service);
    this.#unset(service, written.id);
    service.entries.set(written.id, { instance: written, owner, deadlineMs });
    if (deadlineMs < Infinity) this.#mortal++;
    this.#tell(service, { op: "put", instance: written });
    this.#arm(deadlineMs);
    return written;
  }

  /** Moves the deadline of the owner's entry. False if the owner has none: it expired, or another put took its id. */
  renew(instance: Instance<M>, owner: object, deadlineMs: number): boolean {
    const entry = this.#owned(instance, owner);
    if (entry === undefined) return false;
    entry.deadlineMs = deadlineMs;
    return true;
  }

  /** Removes the owner's entry, if it still has one. */
  remove(instance: Instance<M>, owner: object): void {
    if (this.#owned(instance, owner) === undefined) return;
    this.#delete(instance.service, instance.id, "deregistered");
  }

  list(service: string): readonly Instance<M>[] {
    this.#expire();
    const entries = this.#services.get(service)?.entries.values() ?? [];
    return Array.from(entries, (entry) => entry.instance);
  }

  services(): readonly string[] {
    this.#expire();
    return [...this.#services]
      .filter(([, service]) => service.entries.size > 0)
      .map(([name]) => name)
      .sort();
  }

  watch(name: string, signal?: AbortSignal): WatchQueue<M> {
    const service = this.#service(name);
    const queue = new WatchQueue<M>(
      {
        sync: (reason) => {
          const instances = new Map(
            this.list(name).map((instance) => [instance.id, instance]),
          );
          return [
            { type: "sync", revision: this.#revision, reason, instances },
          ];
        },
        closed: () => {
          service.watches.delete(queue);
          this.#watches--;
          this.#forgetIfIdle(name, service);
        },
      },
      watchLimit,
      signal,
    );
    service.watches.add(queue);
    this.#watches++;
    return queue;
  }

  /** Ends every watch and releases the timer. */
  close(): void {
    for (const service of [...this.#services.values()])
      for (const queue of [...service.watches]) queue.end();
    this.#disarm();
  }

  #owned(instance: Instance<M>, owner: object): Entry<M> | undefined {
    this.#expire();
    const service = this.#services.get(instance.service);
    const entry = service?.entries.get(instance.id);
    return entry?.owner === owner ? entry : undefined;
  }

  #delete(name: string, id: string, why: RemovalCause): void {
    const service = this.#service(name);
    this.#unset(service, id);
    this.#revision++;
    this.#tell(service, { op: "delete", id, why });
    this.#forgetIfIdle(name, service);
    if (this.#mortal === 0) this.#disarm();
  }

  #unset(service: Service<M>, id: string): void {
    const entry = service.entries.get(id);
    if (entry === undefined) return;
    // Deleted first, so that a replaced id moves to the end like a new one.
    service.entries.delete(id);
    if (entry.deadlineMs < Infinity) this.#mortal--;
  }

  #tell(service: Service<M>, change: Change<M>): void {
    if (service.watches.size === 0) return;
    const event: WatchEvent<M> = Object.freeze({
      type: "delta",
      revision: this.#revision,
      changes: Object.freeze([Object.freeze(change)]),
    });
    for (const queue of service.watches) queue.push(event);
  }

  #expire(): void {
    const nowMs = this.#clock.now();
    if (nowMs < this.#nextDeadlineMs) return;
    this.#nextDeadlineMs = Infinity;
    for (const [name, service] of [...this.#services]) {
      for (const [id, entry] of [...service.entries]) {
        if (entry.deadlineMs <= nowMs) this.#delete(name, id, "expired");
        else this.#noteDeadline(entry.deadlineMs);
      }
    }
    this.#arm(Infinity);
  }

  #noteDeadline(deadlineMs: number): void {
    this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, deadlineMs);
  }

  /** One timer for the whole store, at or before the earliest deadline: renewals only move deadlines back. */
  #arm(deadlineMs: number): void {
    const earlier = deadlineMs < this.#nextDeadlineMs;
    this.#noteDeadline(deadlineMs);
    if (this.#cancelTimer !== undefined && !earlier) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#nextDeadlineMs === Infinity) return;
    this.#cancelTimer = this.#clock.schedule(
      this.#nextDeadlineMs - this.#clock.now(),
      () => {
        this.#cancelTimer = undefined;
        this.#expire();
        this.#arm(Infinity);
      },
    );
  }

  #disarm(): void {
    this.#nextDeadlineMs = Infinity;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #service(name: string): Service<M> {
    let service = this.#services.get(name);
    if (service === undefined) {
      service = { entries: new Map(), watches: new Set() };
      this.#services.set(name, service);
    }
    return service;
  }

  #forgetIfIdle(name: string, service: Service<M>): void {
    if (service.entries.size === 0 && service.watches.size === 0)
      this.#services.delete(name);
  }
}
