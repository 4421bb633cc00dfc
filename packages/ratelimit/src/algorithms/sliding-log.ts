import type { LimitState } from "../decision.ts";
import { resolveWindow, type SlidingLogOptions } from "../options.ts";
import type { LimitPolicy } from "./algorithm.ts";

/** Each unit is a number: more are better counted by a window. */
const mostUnits = 1000;

/**
 * The time of every unit of the last period, in a ring, oldest first:
 *
 *     cells[at] = place of the oldest,   cells[at + 1] = how many,   cells[at + 2 ...] = 2 * limit places
 *
 * A unit counts for one period. Units that count no more stay until room is needed: only takes remove them, as many as
 * were added before, so that a take is O(cost) over time. The ring is never empty. A unit taken without room is entered
 * at the time at which it would have been allowed: no period ever has more than `limit`, and debt is paid by waiting.
 * Times never fall along the ring, because a clock that has gone back enters the latest time again.
 */
class SlidingLog implements LimitPolicy {
  readonly kind = "sliding-log";
  readonly limit: number;
  readonly burst: number;
  readonly periodMs: number;
  readonly unitsPerMs = 1000;
  readonly identity: string;
  readonly width: number;

  readonly #period: number;
  readonly #places: number;

  constructor(options: SlidingLogOptions) {
    const { limit, period, periodMs } = resolveWindow(options, mostUnits);
    this.limit = limit;
    this.burst = limit;
    this.periodMs = periodMs;
    this.identity = `sliding-log ${limit}/${periodMs}ms`;
    this.#period = period;
    this.#places = 2 * limit;
    this.width = 2 + this.#places;
  }

  start(cells: Float64Array, at: number, now: number): void {
    this.#fill(cells, at, now - this.#period);
  }

  heal(cells: Float64Array, at: number, now: number): boolean {
    if (!this.#isFar(cells, at, now)) return false;
    this.#fill(cells, at, now);
    return true;
  }

  wait(cells: Float64Array, at: number, now: number, cost: number): number {
    if (cost > this.limit) return Infinity;
    if (this.#isFar(cells, at, now)) return this.#newest(cells, at) - now;
    // The youngest unit that has to go first.
    const index = (cells[at + 1] as number) + cost - this.limit - 1;
    if (index < 0) return 0;
    return Math.max(0, this.#time(cells, at, index) + this.#period - now);
  }

  charge(cells: Float64Array, at: number, now: number, cost: number): void {
    this.force(cells, at, now, cost);
  }

  force(cells: Float64Array, at: number, now: number, cost: number): void {
    if (cost === 0) return;
    let time = Math.max(now, this.#newest(cells, at));
    this.#drop(cells, at, this.#expired(cells, at, now));
    let count = cells[at + 1] as number;
    const end = Math.min(this.#places, count + cost);
    for (; count < end; count++) {
      if (count >= this.limit) {
        const earlier = this.#time(cells, at, count - this.limit);
        time = Math.max(time, earlier + this.#period);
      }
      cells[this.#place(cells, at, count)] = time;
    }
    cells[at + 1] = count;
  }

  giveBack(cells: Float64Array, at: number, now: number, amount: number): void {
    if (amount === 0 || now >= this.idleAt(cells, at)) return;
    const count = (cells[at + 1] as number) - amount;
    if (count > 0) cells[at + 1] = count;
    else this.start(cells, at, now);
  }

  idleAt(cells: Float64Array, at: number): number {
    return this.#newest(cells, at) + this.#period;
  }

  describe(
    cells: Float64Array,
    at: number,
    now: number,
    cost: number,
  ): LimitState {
    const counted = (cells[at + 1] as number) - this.#expired(cells, at, now);
    const wait = this.wait(cells, at, now, cost);
    return {
      limit: this.limit,
      remaining: Math.max(0, this.limit - counted),
      resetAfterMs: Math.max(0, this.idleAt(cells, at) - now) / this.unitsPerMs,
      retryAfterMs: wait === Infinity ? null : wait / this.unitsPerMs,
      periodMs: this.periodMs,
    };
  }

  /** As many units as the limit has, all of one time. */
  #fill(cells: Float64Array, at: number, time: number): void {
    cells[at] = 0;
    cells[at + 1] = this.limit;
    cells.fill(time, at + 2, at + 2 + this.limit);
  }

  #place(cells: Float64Array, at: number, index: number): number {
    return at + 2 + (((cells[at] as number) + index) % this.#places);
  }

  #time(cells: Float64Array, at: number, index: number): number {
    return cells[this.#place(cells, at, index)] as number;
  }

  #newest(cells: Float64Array, at: number): number {
    return this.#time(cells, at, (cells[at + 1] as number) - 1);
  }

  /** Debt reaches one period ahead, and a clock may be wrong by another. */
  #isFar(cells: Float64Array, at: number, now: number): boolean {
    return this.#newest(cells, at) - now > 2 * this.#period;
  }

  /** How many units count no more at `now`. */
  #expired(cells: Float64Array, at: number, now: number): number {
    let low = 0;
    let high = cells[at + 1] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#time(cells, at, middle) + this.#period > now) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #drop(cells: Float64Array, at: number, count: number): void {
    cells[at] = ((cells[at] as number) + count) % this.#places;
    cells[at + 1] = (cells[at + 1] as number) - count;
  }
}

/**
 * A limit of `limit` units in any period whatever, exactly: the time of every unit is kept.
 *
 * The strictest limit, for few and costly things (ten password attempts an hour). Cost: a take is O(cost + log limit) time, and
 * 16 bytes of state for each unit of `limit` a subject, whether it uses them or not.
 *
 * Throws `InvalidOptionError` if an option is out of bounds.
 */
export const slidingLog = (options: SlidingLogOptions): LimitPolicy =>
  new SlidingLog(options);
