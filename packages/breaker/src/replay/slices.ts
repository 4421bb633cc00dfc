/** Fine enough for a picture, few enough to keep for every configuration. */
const most = 1_024;

/**
 * Adds up amounts over equal slices of time, at most 1024 of them. The slices begin at 1 ms and become twice as wide
 * whenever the time to cover outgrows them, so that a stretch of any length takes the same memory, and two stretches
 * of the same length have the same slices.
 */
export class Slices {
  readonly #startMs: number;
  readonly #amounts = new Float64Array(most);
  #widthMs = 1;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Adds to the slice of a moment. */
  add(atMs: number, amount: number): void {
    this.#cover(atMs);
    this.#addAt(this.#placeOf(atMs), amount);
  }

  /** Adds the milliseconds of a span to the slices it touches. */
  addSpan(fromMs: number, toMs: number): void {
    this.#cover(toMs);
    const last = this.#placeOf(toMs);
    let beganMs = fromMs;
    for (let place = this.#placeOf(fromMs); place < last; place++) {
      const endMs = this.#startMs + (place + 1) * this.#widthMs;
      this.#addAt(place, endMs - beganMs);
      beganMs = endMs;
    }
    this.#addAt(last, toMs - beganMs);
  }

  /** The width of the slices and their amounts up to `endMs`. The last slice may be cut short by it. */
  until(endMs: number): {
    readonly widthMs: number;
    readonly amounts: number[];
  } {
    this.#cover(endMs);
    const count = Math.max(
      1,
      Math.ceil((endMs - this.#startMs) / this.#widthMs),
    );
    const amounts = [...this.#amounts.subarray(0, count)];
    // What happened at the very end belongs to the slice that ends there.
    if (count < most)
      amounts[count - 1] =
        (amounts[count - 1] as number) + (this.#amounts[count] as number);
    return { widthMs: this.#widthMs, amounts };
  }

  #placeOf(atMs: number): number {
    return Math.floor((atMs - this.#startMs) / this.#widthMs);
  }

  #addAt(place: number, amount: number): void {
    this.#amounts[place] = (this.#amounts[place] as number) + amount;
  }

  #cover(atMs: number): void {
    while (this.#placeOf(atMs) >= most) {
      const amounts = this.#amounts;
      for (let place = 0; place < most / 2; place++)
        amounts[place] =
          (amounts[2 * place] as number) + (amounts[2 * place + 1] as number);
      amounts.fill(0, most / 2);
      this.#widthMs *= 2;
    }
  }
}
