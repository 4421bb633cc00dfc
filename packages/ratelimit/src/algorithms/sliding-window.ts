import type { LimitState } from "../decision.ts";
import {
  resolveTokenBucket,
  resolveWindow,
  type SlidingWindowOptions,
} from "../options.ts";
import type { LimitPolicy } from "./algorithm.ts";

/**
 * Two counters: of the window at hand and of the one before it, whose units count for the share of it that a window
 * ending now would still cover. Windows begin at multiples of the period W.
 *
 *     begin = cells[at],   previous = cells[at + 1],   current = cells[at + 2]
 *
 * With e = now - begin, taking c is allowed while previous * (W - e) + (current + c) * W <= limit * W. With
 * free = limit - current - c >= 0 that is W - e <= floor(free * W / previous), because W - e is an integer: so the wait
 * is solved and not searched. If free < 0 the next window is the first chance, with `current` as its previous one. No
 * product exceeds limit * W, which is at most 2^53 - 1, and quotients of such integers floor truly: all is exact.
 *
 * A clock behind the window's begin counts as at its begin. Debt is a count above `limit`, up to twice that.
 */
class SlidingWindow implements LimitPolicy {
  readonly kind = "sliding-window";
  readonly limit: number;
  readonly burst: number;
  readonly periodMs: number;
  readonly unitsPerMs: 1000 | 1;
  readonly identity: string;
  readonly width = 3;

  /** W, in units. */
  readonly #period: number;

  constructor(options: SlidingWindowOptions) {
    const { limit } = resolveWindow(options);
    // The bound is that of a bucket of this size: limit * W.
    const rate = resolveTokenBucket({ limit, per: options.per });
    this.limit = limit;
    this.burst = limit;
    this.periodMs = rate.periodMs;
    this.unitsPerMs = rate.unitsPerMs;
    this.identity = `sliding-window ${limit}/${rate.periodMs}ms`;
    this.#period = Math.round(rate.periodMs * rate.unitsPerMs);
  }

  start(cells: Float64Array, at: number, now: number): void {
    cells[at] = this.#beginOf(now) - this.#period;
    cells[at + 1] = this.limit;
    cells[at + 2] = 0;
  }

  heal(cells: Float64Array, at: number, now: number): boolean {
    if ((cells[at] as number) - now <= this.#period) return false;
    cells[at] = this.#beginOf(now);
    cells[at + 1] = 0;
    cells[at + 2] = this.limit;
    return true;
  }

  wait(cells: Float64Array, at: number, now: number, cost: number): number {
    if (cost > this.limit) return Infinity;
    let elapsed = now - (cells[at] as number);
    if (elapsed < -this.#period) return -elapsed;
    let previous = cells[at + 1] as number;
    let current = cells[at + 2] as number;
    if (elapsed >= this.#period) {
      previous = elapsed < 2 * this.#period ? current : 0;
      current = 0;
      elapsed -= this.#period;
    }
    const free = this.limit - cost - current;
    if (free < 0)
      return this.#period + this.#opens(current, this.limit - cost) - elapsed;
    const opens = this.#opens(previous, free);
    return opens <= Math.max(0, elapsed) ? 0 : opens - elapsed;
  }

  charge(cells: Float64Array, at: number, now: number, cost: number): void {
    if (cost === 0) return;
    this.#roll(cells, at, now);
    cells[at + 2] = (cells[at + 2] as number) + cost;
  }

  force(cells: Float64Array, at: number, now: number, cost: number): void {
    if (cost === 0) return;
    this.#roll(cells, at, now);
    const room = 2 * this.limit - this.#counted(cells, at, now);
    const current = cells[at + 2] as number;
    cells[at + 2] = current + Math.min(cost, Math.max(0, room));
  }

  giveBack(cells: Float64Array, at: number, now: number, amount: number): void {
    if (amount === 0 || now >= this.idleAt(cells, at)) return;
    this.#roll(cells, at, now);
    const previous = cells[at + 1] as number;
    const current = cells[at + 2] as number;
    if (amount >= previous + current) {
      this.start(cells, at, now);
      return;
    }
    const latest = Math.min(amount, current);
    cells[at + 1] = previous - (amount - latest);
    cells[at + 2] = current - latest;
  }

  idleAt(cells: Float64Array, at: number): number {
    const periods = cells[at + 2] === 0 ? 1 : 2;
    return (cells[at] as number) + periods * this.#period;
  }

  describe(
    cells: Float64Array,
    at: number,
    now: number,
    cost: number,
  ): LimitState {
    const left = this.limit - this.#counted(cells, at, now);
    const remaining = Math.max(0, left);
    const wait =
      remaining >= cost && left >= 0 ? 0 : this.wait(cells, at, now, cost);
    return {
      limit: this.limit,
      remaining,
      resetAfterMs: Math.max(0, this.idleAt(cells, at) - now) / this.unitsPerMs,
      retryAfterMs: wait === Infinity ? null : wait / this.unitsPerMs,
      periodMs: this.periodMs,
    };
  }

  #beginOf(now: number): number {
    return Math.floor(now / this.#period) * this.#period;
  }

  /** How far into a window `counted` units of the one before it leave room for `free` more of them at most. */
  #opens(counted: number, free: number): number {
    return counted <= free
      ? 0
      : this.#period - Math.floor((free * this.#period) / counted);
  }

  /** Moves on to the window at hand. */
  #roll(cells: Float64Array, at: number, now: number): void {
    const elapsed = now - (cells[at] as number);
    if (elapsed < this.#period) return;
    cells[at] = this.#beginOf(now);
    cells[at + 1] = elapsed < 2 * this.#period ? (cells[at + 2] as number) : 0;
    cells[at + 2] = 0;
  }

  /** What counts at `now`, rounded up to whole units. */
  #counted(cells: Float64Array, at: number, now: number): number {
    const elapsed = now - (cells[at] as number);
    const previous = cells[at + 1] as number;
    const current = cells[at + 2] as number;
    if (elapsed < this.#period)
      return (
        current +
        this.#share(previous, Math.min(this.#period, this.#period - elapsed))
      );
    return elapsed < 2 * this.#period
      ? this.#share(current, 2 * this.#period - elapsed)
      : 0;
  }

  /** ceil(units * left / W). Above the limit in two parts, because the product may be inexact. */
  #share(units: number, left: number): number {
    const first = Math.min(units, this.limit) * left;
    if (units <= this.limit) return Math.ceil(first / this.#period);
    const second = (units - this.limit) * left;
    const whole = Math.floor(first / this.#period);
    const more = Math.floor(second / this.#period);
    const rest = first - whole * this.#period + (second - more * this.#period);
    return whole + more + Math.ceil(rest / this.#period);
  }
}

/**
 * A limit of `limit` units in about any period: what was taken in the window before counts in proportion to how much of
 * it is less than one period ago, as if it had been spread evenly.
 *
 * Over any interval of length s a subject gets at most `limit + s * limit / per`, and less than `2 * limit` in one period:
 * the bound of a token bucket with `burst = limit`. It differs in that what was taken long ago weighs on the next window,
 * so that one who takes unit by unit as soon as allowed gets `limit - 1` a period (1 in two at a limit of 1).
 * Windows begin at multiples of `per` of the store's time. Cost: O(1) time, three numbers of state a subject.
 *
 * Throws `InvalidOptionError` if an option is out of bounds or `limit` times `per` is above 2^53 - 1 milliseconds (the
 * resolution is 1 us if that product in microseconds stays in the bound, else 1 ms).
 * The counter is that of Cloudflare's "How we built rate limiting capable of scaling to millions of domains" (2017).
 */
export const slidingWindow = (options: SlidingWindowOptions): LimitPolicy =>
  new SlidingWindow(options);
