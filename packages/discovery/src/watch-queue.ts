import type { WatchEvent } from "./watch-event.ts";

type Sync<M> = Extract<WatchEvent<M>, { type: "sync" }>;

/** How one open watch reaches its source. */
export interface WatchSource<M> {
  /**
   * Called at each first read and after each overflow: the state at this moment as a `sync` event and what goes with
   * it, or undefined while nothing is known; then the source calls {@link WatchQueue.known} as soon as something is.
   */
  sync(
    reason: Sync<M>["reason"],
  ): readonly [Sync<M>, ...WatchEvent<M>[]] | undefined;
  /** Called once, when the watch ended for whatever reason. */
  closed(): void;
}

const done = { done: true, value: undefined } as const;

/**
 * The reading end of one watch, fed synchronously by its source. Keeps at most `limit` unread events; one more drops
 * them all, and the next read takes the state of that moment instead, so a reader that stands still costs nothing more.
 */
export class WatchQueue<M> implements AsyncIterator<WatchEvent<M>, undefined> {
  readonly #source: WatchSource<M>;
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  #unread: WatchEvent<M>[] = [];
  readonly #readers: ((
    result: IteratorResult<WatchEvent<M>, undefined>,
  ) => void)[] = [];
  /** The reason of the `sync` the next read has to take; what happens until then is part of it. */
  #owed: Sync<M>["reason"] | undefined = "initial";
  #open = true;

  constructor(source: WatchSource<M>, limit: number, signal?: AbortSignal) {
    this.#source = source;
    this.#limit = limit;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Hands over one event; after the end it is dropped. */
  push(event: WatchEvent<M>): void {
    if (!this.#open || this.#owed !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: event });
    } else if (this.#unread.length < this.#limit) {
      this.#unread.push(event);
    } else {
      this.#unread = [];
      this.#owed = "overflow";
    }
  }

  /** What the source knows may be taken now: serves a reader that waits for its `sync`. */
  known(): void {
    if (this.#owed === undefined || this.#readers.length === 0) return;
    const sync = this.#takeState(this.#owed);
    if (sync !== undefined)
      this.#readers.shift()?.({ done: false, value: sync });
    while (this.#readers.length > 0) {
      const value = this.#unread.shift();
      if (value === undefined) return;
      this.#readers.shift()?.({ done: false, value });
    }
  }

  /** Ends the watch after what is unread. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const reader of this.#readers.splice(0)) reader(done);
    this.#source.closed();
  }

  next(): Promise<IteratorResult<WatchEvent<M>, undefined>> {
    const unread = this.#unread.shift();
    if (unread !== undefined)
      return Promise.resolve({ done: false, value: unread });
    if (this.#owed !== undefined && this.#readers.length === 0) {
      const value = this.#takeState(this.#owed);
      if (value !== undefined) return Promise.resolve({ done: false, value });
    }
    if (!this.#open) return Promise.resolve(done);
    return new Promise((resolve) => void this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<WatchEvent<M>, undefined>> {
    this.#abort();
    return Promise.resolve(done);
  }

  /** Taking the state may itself find changes (an expiry); they are in it, so they are pushed while still owed. */
  #takeState(reason: Sync<M>["reason"]): Sync<M> | undefined {
    const events = this.#source.sync(reason);
    if (events === undefined) return undefined;
    this.#owed = undefined;
    const [sync, ...others] = events;
    this.#unread.push(...others);
    return sync;
  }

  readonly #abort = (): void => {
    this.#unread = [];
    this.#owed = undefined;
    this.end();
  };
}
