import type { LimitState } from "../decision.ts";
import {
  resolveAlign,
  resolveWindow,
  type FixedWindowOptions,
} from "../options.ts";
import type { LimitPolicy } from "./algorithm.ts";

/**
 * Windows of one period, `limit` units in each.
 *
 * The state is the end of the window and what is used of it, more than 0:
 *
 *     end = cells[at],   used = cells[at + 1]
 *
 * What is used beyond `limit` is debt: it is carried over, and opens the next window at `end` by itself. A clock behind
 * the window's begin counts in that window. A subject without a window is one whose window has ended, used up: so a
 * clock that goes back to before that finds nothing to take.
 */
class FixedWindow implements LimitPolicy {
  readonly kind = "fixed-window";
  readonly limit: number;
  readonly burst: number;
  readonly periodMs: number;
  readonly unitsPerMs = 1000;
  readonly identity: string;
  readonly width = 2;
  readonly time?: "wall";

  readonly #period: number;

  constructor(options: FixedWindowOptions) {
    const { limit, period, periodMs } = resolveWindow(options);
    const align = resolveAlign(options.align);
    this.limit = limit;
    this.burst = limit;
    this.periodMs = periodMs;
    this.identity = `fixed-window ${limit}/${periodMs}ms ${align}`;
    if (align === "utc") this.time = "wall";
    this.#period = period;
  }

  start(cells: Float64Array, at: number, now: number): void {
    cells[at] = now;
    cells[at + 1] = this.limit;
  }

  heal(cells: Float64Array, at: number, now: number): boolean {
    if ((cells[at] as number) - now <= 2 * this.#period) return false;
    cells[at] = this.#endOfNew(now);
    cells[at + 1] = this.limit;
    return true;
  }

  wait(cells: Float64Array, at: number, now: number, cost: number): number {
    if (cost > this.limit) return Infinity;
    const lead = (cells[at] as number) - now;
    if (lead > 2 * this.#period) return lead;
    const used = this.#used(cells, at, now);
    if (used + cost <= this.limit) return 0;
    const untilEnd = this.#end(cells, at, now) - now;
    const carried = Math.max(0, used - this.limit);
    return carried + cost <= this.limit ? untilEnd : untilEnd + this.#period;
  }

  charge(cells: Float64Array, at: number, now: number, cost: number): void {
    if (cost > 0) this.#add(cells, at, now, this.#used(cells, at, now), cost);
  }

  force(cells: Float64Array, at: number, now: number, cost: number): void {
    const used = this.#used(cells, at, now);
    const room = 2 * this.limit - used;
    if (cost > 0) this.#add(cells, at, now, used, Math.min(cost, room));
  }

  giveBack(cells: Float64Array, at: number, now: number, amount: number): void {
    const used = this.#used(cells, at, now);
    if (used === 0 || amount === 0) return;
    if (amount >= used) this.start(cells, at, now);
    else this.#add(cells, at, now, used, -amount);
  }

  idleAt(cells: Float64Array, at: number): number {
    const end = cells[at] as number;
    return (cells[at + 1] as number) > this.limit ? end + this.#period : end;
  }

  describe(
    cells: Float64Array,
    at: number,
    now: number,
    cost: number,
  ): LimitState {
    const used = this.#used(cells, at, now);
    const wait = this.wait(cells, at, now, cost);
    return {
      limit: this.limit,
      remaining: Math.max(0, this.limit - used),
      resetAfterMs: Math.max(0, this.idleAt(cells, at) - now) / this.unitsPerMs,
      retryAfterMs: wait === Infinity ? null : wait / this.unitsPerMs,
      periodMs: this.periodMs,
    };
  }

  /** What counts at `now`: 0 when there is no window. */
  #used(cells: Float64Array, at: number, now: number): number {
    const used = cells[at + 1] as number;
    const over = now - (cells[at] as number);
    if (over < 0) return used;
    return over < this.#period ? Math.max(0, used - this.limit) : 0;
  }

  /** The end of the window in which that counts. */
  #end(cells: Float64Array, at: number, now: number): number {
    const end = cells[at] as number;
    return now < end ? end : end + this.#period;
  }

  #endOfNew(now: number): number {
    return this.time === "wall"
      ? (Math.floor(now / this.#period) + 1) * this.#period
      : now + this.#period;
  }

  #add(
    cells: Float64Array,
    at: number,
    now: number,
    used: number,
    cost: number,
  ): void {
    cells[at] = used === 0 ? this.#endOfNew(now) : this.#end(cells, at, now);
    cells[at + 1] = used + cost;
  }
}

/**
 * A limit of `limit` units in each window of length `per`, all of them free again when the next one begins.
 *
 * The simplest to explain ("100 a day, from midnight"), and the loosest: around the end of a window a subject can take up
 * to `2 * limit - 1` units in less than one period (`2 * limit` with `align: 'utc'`). To spread them use
 * `slidingWindow` or `tokenBucket`. Cost: O(1) time, two numbers of state a subject.
 *
 * With `align: 'utc'` a store counts by the wall clock. Throws `InvalidOptionError` if an option is out of bounds.
 */
export const fixedWindow = (options: FixedWindowOptions): LimitPolicy =>
  new FixedWindow(options);
