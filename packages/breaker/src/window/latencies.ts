/** Times are told apart by a twentieth, from a hundredth of a millisecond up to a day. */
const growth = 1.05;
const smallestMs = 0.01;
const classes = Math.ceil(Math.log(86_400_000 / smallestMs) / Math.log(growth));
const slices = 6;

/** Where the counts of a slice begin. Slices before time 0 have negative numbers. */
const offsetOf = (slice: number): number =>
  (((slice % slices) + slices) % slices) * classes;

/**
 * How long things took over a sliding stretch of time, in constant memory (12 KB): a histogram with classes that grow by
 * a twentieth for each sixth of the window. Adding is O(1), reading too unless much has been added since.
 */
export class Latencies {
  readonly #sliceMs: number;
  readonly #share: number;
  readonly #counts = new Uint32Array(slices * classes);
  readonly #sums = new Uint32Array(classes);
  /** Number of the newest slice, counted from time 0. */
  #newest = -Infinity;
  #total = 0;
  /** What was read last, and how much has changed since. */
  #read = 0;
  #changed = Infinity;

  /** `share` is that of {@link Latencies.quantile}. */
  constructor(windowMs: number, share: number) {
    this.#sliceMs = windowMs / slices;
    this.#share = share;
  }

  add(elapsedMs: number, now: number): void {
    this.#advance(now);
    const index = Math.floor(
      Math.log(elapsedMs / smallestMs) / Math.log(growth),
    );
    const at = Math.min(classes - 1, Math.max(0, index || 0));
    (this.#counts[offsetOf(this.#newest) + at] as number)++;
    (this.#sums[at] as number)++;
    this.#total++;
    this.#changed++;
  }

  /** How many are in the window. */
  total(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  /** The time that the share of those in the window did not exceed, too long by a twentieth at most. */
  quantile(now: number): number {
    this.#advance(now);
    // A hundredth more or less moves a quantile by less than what its class leaves open.
    if (this.#changed * 100 > this.#total) {
      this.#read = this.#find();
      this.#changed = 0;
    }
    return this.#read;
  }

  #find(): number {
    let missing = Math.max(1, Math.ceil(this.#share * this.#total));
    for (let at = 0; at < classes; at++) {
      missing -= this.#sums[at] as number;
      if (missing <= 0) return smallestMs * growth ** (at + 1);
    }
    return 0;
  }

  #advance(now: number): void {
    const newest = Math.floor(now / this.#sliceMs);
    if (newest <= this.#newest) return;
    const first = Math.max(this.#newest + 1, newest - slices + 1);
    for (let slice = first; slice <= newest; slice++)
      this.#empty(offsetOf(slice));
    this.#newest = newest;
    this.#changed = Infinity;
  }

  #empty(offset: number): void {
    for (let at = 0; at < classes; at++) {
      const count = this.#counts[offset + at] as number;
      if (count === 0) continue;
      (this.#sums[at] as number) -= count;
      this.#total -= count;
    }
    this.#counts.fill(0, offset, offset + classes);
  }
}
