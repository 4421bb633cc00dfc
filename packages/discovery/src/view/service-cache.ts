import { DpError, type Clock, type Random } from "@dp/core";
import { ClosedError } from "../errors.ts";
import type { Instance } from "../instance.ts";
import type { Registry } from "../registry.ts";
import { Backoff } from "../remote/backoff.ts";
import type { Change, WatchEvent } from "../watch-event.ts";

/** What the watch told while a list was under way: about that the list has nothing to say. */
interface Meanwhile {
  synced: boolean;
  readonly ids: Set<string>;
}

/** What a view hears from its cache. */
export interface CacheListener<M> {
  /**
   * All there is, by a snapshot of the registry. `sure` if the registry followed every change itself, so that what is
   * missing did leave.
   */
  sync(instances: ReadonlyMap<string, Instance<M>>, sure: boolean): void;
  /** A live change. */
  change(changes: readonly Change<M>[]): void;
}

/**
 * The one watch of a service on a registry object, kept open while a view listens, and what it has told so far. Its
 * knowledge outlives every error: it only grows stale.
 */
export class ServiceCache<M> {
  readonly #registry: Registry<M>;
  readonly #service: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #idle: () => void;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<CacheListener<M>>();
  #instances = new Map<string, Instance<M>>();
  #known = false;
  #revision = 0n;
  /** When contact was lost; undefined while in contact. */
  #lostMs: number | undefined;
  #listing: Promise<void> | undefined;
  #meanwhile: Meanwhile | undefined;

  constructor(
    registry: Registry<M>,
    service: string,
    clock: Clock,
    random: Random,
    idle: () => void,
  ) {
    this.#registry = registry;
    this.#service = service;
    this.#clock = clock;
    this.#random = random;
    this.#idle = idle;
    this.#lostMs = clock.now();
    void this.#follow();
  }

  /** Whether the registry has answered at all. */
  get known(): boolean {
    return this.#known;
  }

  get revision(): bigint {
    return this.#revision;
  }

  /** When contact was lost or, before the first answer, sought; undefined while in contact. */
  get lostMs(): number | undefined {
    return this.#lostMs;
  }

  /** Adds a listener, told at once what is known. Returns a function that removes it; without any the watch ends. */
  join(listener: CacheListener<M>): () => void {
    this.#listeners.add(listener);
    if (this.#known) listener.sync(this.#instances, true);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#idle();
      this.#abort.abort(new ClosedError(`the watch of ${this.#service}`));
    };
  }

  /** Lists past the watch; one at a time. */
  refresh(): Promise<void> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
      this.#meanwhile = undefined;
    });
    return this.#listing;
  }

  async #list(): Promise<void> {
    const meanwhile: Meanwhile = { synced: false, ids: new Set() };
    this.#meanwhile = meanwhile;
    const listed = await this.#registry.list(this.#service);
    if (this.#abort.signal.aborted || meanwhile.synced) return;
    const merged = new Map<string, Instance<M>>();
    for (const [id, instance] of this.#instances)
      if (meanwhile.ids.has(id)) merged.set(id, instance);
    for (const instance of listed) {
      if (meanwhile.ids.has(instance.id)) continue;
      const held = this.#instances.get(instance.id);
      const newer =
        held !== undefined && held.revision > instance.revision
          ? held
          : instance;
      merged.set(newer.id, newer);
      if (newer.revision > this.#revision) this.#revision = newer.revision;
    }
    if (this.#lostMs !== undefined) this.#lostMs = this.#clock.now();
    this.#replace(merged, false);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    const over = (): boolean => signal.aborted;
    const backoff = new Backoff(this.#clock, this.#random);
    while (!over()) {
      let failure: unknown;
      try {
        const events = this.#registry.watch(this.#service, { signal });
        for await (const event of events) {
          if (over()) return;
          this.#apply(event);
          backoff.reset();
        }
        failure = new DpError("DP_WATCH_ENDED", "the watch ended by itself");
      } catch (error) {
        failure = error;
      }
      this.#lostMs ??= this.#clock.now();
      // A registry that was disposed of does not come back.
      if (ClosedError.is(failure)) return;
      await this.#clock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }

  #apply(event: WatchEvent<M>): void {
    switch (event.type) {
      case "sync":
        this.#lostMs = undefined;
        this.#revision = event.revision;
        if (this.#meanwhile !== undefined) this.#meanwhile.synced = true;
        // Only the reader was too slow: the registry was there all the time.
        this.#replace(new Map(event.instances), event.reason === "overflow");
        return;
      case "delta":
        this.#revision =
          event.revision > this.#revision ? event.revision : this.#revision;
        this.#applyChanges(event.revision, event.changes);
        return;
      case "stale":
        this.#lostMs = Math.min(event.sinceMs, this.#clock.now());
        return;
      case "fresh":
        this.#lostMs = undefined;
        return;
    }
  }

  #applyChanges(revision: bigint, changes: readonly Change<M>[]): void {
    const applied = changes.filter((change) => {
      const id = change.op === "put" ? change.instance.id : change.id;
      this.#meanwhile?.ids.add(id);
      const held = this.#instances.get(id);
      // A list may have run ahead of the watch.
      if (held !== undefined && held.revision > revision) return false;
      if (change.op === "put") this.#instances.set(id, change.instance);
      else this.#instances.delete(id);
      return true;
    });
    if (applied.length > 0)
      for (const listener of [...this.#listeners]) listener.change(applied);
  }

  #replace(instances: Map<string, Instance<M>>, sure: boolean): void {
    this.#instances = instances;
    this.#known = true;
    for (const listener of [...this.#listeners]) listener.sync(instances, sure);
  }
}

/** Weak in the registry: one that nobody else holds is not kept alive. */
const caches = new WeakMap<object, Map<string, unknown>>();

/** The cache all views of this registry object and service share; opened with the first one's clock and random. */
export const sharedCache = <M>(
  registry: Registry<M>,
  service: string,
  clock: Clock,
  random: Random,
): ServiceCache<M> => {
  let services = caches.get(registry);
  if (services === undefined) {
    services = new Map();
    caches.set(registry, services);
  }
  const open = services.get(service) as ServiceCache<M> | undefined;
  if (open !== undefined) return open;
  const held = services;
  const cache = new ServiceCache(registry, service, clock, random, () => {
    held.delete(service);
  });
  services.set(service, cache);
  return cache;
};
