import { InvalidOptionError, sleepBySchedule, type Clock } from "@dp/core";

interface Entry {
  readonly atMs: number;
  /** Decides between entries of one time: the first scheduled comes first. */
  readonly order: number;
  action: (() => void) | undefined;
}

/**
 * A clock that moves itself from one scheduled event to the next, as fast as the machine can: O(log n) an event, where
 * `ManualClock`, made for few timers, looks at all of them. Starts at 0.
 */
export class Timeline implements Clock {
  #nowMs = 0;
  #order = 0;
  // A binary heap, the earliest entry first.
  readonly #heap: Entry[] = [];

  now(): number {
    return this.#nowMs;
  }

  wallNow(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    if (Number.isNaN(delayMs))
      throw new InvalidOptionError("delayMs", delayMs, "a number of ms");
    if (delayMs === Infinity) return () => undefined;
    const atMs = this.#nowMs + Math.max(0, delayMs);
    const entry: Entry = { atMs, order: this.#order++, action: callback };
    this.#push(entry);
    return () => void (entry.action = undefined);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBySchedule(this, delayMs, signal);
  }

  /** Runs all events up to `untilMs` and stops there: for worlds without promises. */
  run(untilMs = Infinity): void {
    for (let next = this.#take(untilMs); next; next = this.#take(untilMs))
      next();
    this.#stopAt(untilMs);
  }

  /** Like {@link Timeline.run}, but everything that promises set off at one time is over before time moves on. */
  async runAsync(untilMs = Infinity): Promise<void> {
    await promisesSettled();
    for (let next = this.#take(untilMs); next; next = this.#take(untilMs)) {
      next();
      await promisesSettled();
    }
    this.#stopAt(untilMs);
  }

  #stopAt(untilMs: number): void {
    if (untilMs !== Infinity) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** The next action that is due by `untilMs`; the clock is then at its time. Cancelled ones are left out. */
  #take(untilMs: number): (() => void) | undefined {
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (first.action !== undefined && first.atMs > untilMs) return undefined;
      this.#pop();
      if (first.action === undefined) continue;
      this.#nowMs = first.atMs;
      return first.action;
    }
    return undefined;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.length;
    for (;;) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        below++;
        child = right;
      }
      if (isBefore(last, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}

const isBefore = (left: Entry, right: Entry): boolean =>
  left.atMs < right.atMs ||
  (left.atMs === right.atMs && left.order < right.order);

/**
 * Resolves when all reactions that were ready, and all they led to, have run: the tick queue has its turn only when the
 * microtask queue is empty. Many times cheaper than a turn of the event loop, which simulations without I/O do not need.
 */
const promisesSettled = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });
