/** The last `length` results, packed in bits: adding one and reading the counts are O(1), memory is a bit a result. */
export class RingCounter {
  readonly #length: number;
  /** 1: a failure. */
  readonly #bits: Uint32Array;
  #next = 0;
  #total = 0;
  #failures = 0;

  constructor(length: number) {
    this.#length = length;
    this.#bits = new Uint32Array(Math.ceil(length / 32));
  }

  get total(): number {
    return this.#total;
  }

  get failures(): number {
    return this.#failures;
  }

  add(failure: boolean): void {
    const word = this.#next >>> 5;
    const bit = 1 << (this.#next & 31);
    const bits = this.#bits[word] as number;
    if (this.#total < this.#length) this.#total++;
    else if ((bits & bit) !== 0) this.#failures--;
    if (failure) this.#failures++;
    this.#bits[word] = failure ? bits | bit : bits & ~bit;
    this.#next = this.#next + 1 === this.#length ? 0 : this.#next + 1;
  }

  clear(): void {
    this.#next = 0;
    this.#total = 0;
    this.#failures = 0;
  }

  /** The results, oldest first: `x` for a failure, `.` for a success. */
  save(): string {
    let saved = "";
    const first = this.#total < this.#length ? 0 : this.#next;
    for (let index = 0; index < this.#total; index++) {
      const at = (first + index) % this.#length;
      const word = this.#bits[at >>> 5] as number;
      saved += (word & (1 << (at & 31))) === 0 ? "." : "x";
    }
    return saved;
  }

  /** Takes over what {@link RingCounter.save} gave; anything else is nothing. */
  load(saved: unknown): void {
    this.clear();
    if (typeof saved !== "string" || !/^[.x]*$/.test(saved)) return;
    for (const result of saved.slice(-this.#length)) this.add(result === "x");
  }
}
