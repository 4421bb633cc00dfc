/**
 * Counts two kinds of things over a sliding stretch of time, in constant memory.
 *
 * The window is cut into `buckets` of equal width, aligned to multiples of the width. At time `t` it holds everything
 * recorded in the bucket of `t` and the `buckets - 1` before it: the last `windowMs` minus at most one width. Recording
 * and reading are O(1) amortised (a step forward clears the buckets that fell out, at most all of them).
 *
 * Time that stands still or goes back is counted into the newest bucket.
 */
export class TimeBuckets {
  readonly #widthMs: number;
  readonly #buckets: number;
  /** Two counts a bucket, side by side; doubles, because a day of calls can pass 32 bits. */
  readonly #counts: Float64Array;
  /** Number of the newest bucket, counted from time 0. */
  #newest = 0;
  /** Before this time it is certainly still the newest: saves a division for most. */
  #untilMs = -Infinity;
  /** Where the newest bucket starts in the array. */
  #offset = 0;
  #firsts = 0;
  #seconds = 0;

  constructor(windowMs: number, buckets: number) {
    this.#widthMs = windowMs / buckets;
    this.#buckets = buckets;
    this.#counts = new Float64Array(2 * buckets);
  }

  /** Everything of the first kind in the window, as of the last {@link TimeBuckets.advance}. */
  get firsts(): number {
    return this.#firsts;
  }

  /** Everything of the second kind in the window, as of the last {@link TimeBuckets.advance}. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Returns the number of the bucket it was counted in, for {@link TimeBuckets.removeFirst}. */
  addFirst(now: number): number {
    this.advance(now);
    (this.#counts[this.#offset] as number)++;
    this.#firsts++;
    return this.#newest;
  }

  /** Takes back one of the first kind counted in that bucket since {@link TimeBuckets.clear}, if it is still in the window. */
  removeFirst(bucket: number): void {
    const back = this.#newest - bucket;
    if (back >= this.#buckets) return;
    (this.#counts[this.#at(2 * back)] as number)--;
    this.#firsts--;
  }

  addSecond(now: number): void {
    this.advance(now);
    (this.#counts[this.#offset + 1] as number)++;
    this.#seconds++;
  }

  /** Lets go of what is older than the window at `now`. */
  advance(now: number): void {
    if (now < this.#untilMs) return;
    const newest = Math.floor(now / this.#widthMs);
    if (newest <= this.#newest) return;
    const steps = Math.min(this.#buckets, newest - this.#newest);
    for (let step = 0; step < steps; step++) {
      this.#offset = (this.#offset + 2) % this.#counts.length;
      this.#firsts -= this.#counts[this.#offset] as number;
      this.#seconds -= this.#counts[this.#offset + 1] as number;
      this.#counts[this.#offset] = 0;
      this.#counts[this.#offset + 1] = 0;
    }
    this.#begin(newest);
  }

  clear(now: number): void {
    this.#counts.fill(0);
    this.#firsts = 0;
    this.#seconds = 0;
    this.#begin(Math.floor(now / this.#widthMs));
  }

  /** The counts of each bucket as of `now`, the newest first: two numbers a bucket, side by side. */
  save(now: number): number[] {
    this.advance(now);
    const saved: number[] = [];
    for (let back = 0; back < this.#counts.length; back += 2) {
      const at = this.#at(back);
      saved.push(this.#counts[at] as number, this.#counts[at + 1] as number);
    }
    return saved;
  }

  /**
   * Takes over what {@link TimeBuckets.save} gave `agoMs` before `now`, maybe on another clock: right to within one
   * bucket, because the buckets of two clocks do not begin at the same time. What was not saved so is empty.
   */
  load(saved: unknown, now: number, agoMs: number): void {
    this.clear(now);
    if (!isSaved(saved) || saved.length > this.#counts.length) return;
    const age = 2 * Math.round(agoMs / this.#widthMs);
    for (let back = 0; back < saved.length; back += 2) {
      if (back + age >= this.#counts.length) return;
      const at = this.#at(back + age);
      this.#counts[at] = saved[back] as number;
      this.#counts[at + 1] = saved[back + 1] as number;
      this.#firsts += saved[back] as number;
      this.#seconds += saved[back + 1] as number;
    }
  }

  #begin(newest: number): void {
    this.#newest = newest;
    const endMs = (newest + 1) * this.#widthMs;
    // Earlier by more than the product is rounded, so that it never differs from the quotient.
    this.#untilMs = endMs - Math.abs(endMs) * 1e-12;
  }

  /** Where the bucket stands that is `back / 2` older than the newest. */
  #at(back: number): number {
    const { length } = this.#counts;
    return (this.#offset - back + length) % length;
  }
}

const isSaved = (saved: unknown): saved is readonly number[] =>
  Array.isArray(saved) &&
  saved.length % 2 === 0 &&
  saved.every((count) => Number.isSafeInteger(count) && count >= 0);
