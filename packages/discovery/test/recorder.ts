import type { Registry } from "../src/registry.ts";
import type { WatchEvent } from "../src/watch-event.ts";

/** Reads a watch to its end. */
export class Recorder {
  readonly events: WatchEvent<unknown>[] = [];
  readonly done: Promise<void>;
  readonly #abort = new AbortController();

  constructor(registry: Registry, service: string) {
    this.done = this.#read(
      registry.watch(service, { signal: this.#abort.signal }),
    );
  }

  /** The kinds of events in order; a sync by its reason. */
  get story(): string[] {
    return this.events.map((event) =>
      event.type === "sync" ? event.reason : event.type,
    );
  }

  /** Of the last event that has one. */
  get revision(): bigint {
    const last = this.events.findLast((event) => event.type !== "stale");
    return last?.revision ?? 0n;
  }

  /** The ids that the watch has told of and not taken back, sorted. */
  get ids(): string[] {
    const ids = new Set<string>();
    for (const event of this.events) {
      if (event.type === "sync") {
        ids.clear();
        for (const id of event.instances.keys()) ids.add(id);
      } else if (event.type === "delta")
        for (const change of event.changes)
          if (change.op === "put") ids.add(change.instance.id);
          else ids.delete(change.id);
    }
    return [...ids].sort();
  }

  /** Every deletion that was told, as `id why`. */
  get removals(): string[] {
    return this.events.flatMap((event) =>
      event.type === "delta"
        ? event.changes.flatMap((change) =>
            change.op === "delete" ? [`${change.id} ${change.why}`] : [],
          )
        : [],
    );
  }

  stop(): Promise<void> {
    this.#abort.abort();
    return this.done;
  }

  async #read(watch: AsyncIterable<WatchEvent<unknown>>): Promise<void> {
    for await (const event of watch) this.events.push(event);
  }
}
