/** The quantiles of the last `capacity` values. O(capacity) to push, with a small factor; O(1) to ask. */
export class SlidingQuantile {
  /** In order of coming, the oldest at `#next` once it is full. */
  readonly #values: Float64Array;
  /** The first `#count` of it, least first. */
  readonly #sorted: Float64Array;
  #count = 0;
  #next = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  push(value: number): void {
    const values = this.#values;
    if (this.#count === values.length)
      this.#remove(values[this.#next] as number);
    values[this.#next] = value;
    this.#next = this.#next + 1 === values.length ? 0 : this.#next + 1;
    const at = this.#indexOf(value);
    this.#sorted.copyWithin(at + 1, at, this.#count);
    this.#sorted[at] = value;
    this.#count++;
  }

  /**
   * The least value that at least this share of all, above 0, does not exceed; -Infinity for 0 or when there is none.
   */
  at(share: number): number {
    return this.#sorted[Math.ceil(share * this.#count) - 1] ?? -Infinity;
  }

  #remove(value: number): void {
    const at = this.#indexOf(value);
    this.#sorted.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  /** Where the first that is not less stands, or would. */
  #indexOf(value: number): number {
    let at = 0;
    while (at < this.#count && (this.#sorted[at] as number) < value) at++;
    return at;
  }
}
