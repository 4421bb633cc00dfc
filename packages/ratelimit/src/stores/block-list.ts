import { IdleHeap } from "./idle-heap.ts";

/**
 * The blocked subjects of one policy, at most so many: when there is no room for one more, the one whose block ends first
 * is let go. Finding is O(1), the rest O(log n). Those whose block is over are dropped as others come.
 */
export class BlockList {
  readonly #max: number;
  readonly #slots = new Map<string, number>();
  readonly #subjects: string[] = [];
  /** When each block ends. */
  readonly #ends = new IdleHeap();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** When the block of a subject ends; 0 if there is none. */
  until(subject: string): number {
    const slot = this.#slots.get(subject);
    return slot === undefined ? 0 : this.#ends.due(slot);
  }

  add(subject: string, until: number, now: number): void {
    this.#drop(now);
    const known = this.#slots.get(subject);
    if (known !== undefined) {
      this.#ends.move(known, until);
      return;
    }
    if (this.size >= this.#max) this.#dropFirst();
    const slot = this.#ends.add(until);
    this.#slots.set(subject, slot);
    this.#subjects[slot] = subject;
  }

  remove(subject: string): void {
    const slot = this.#slots.get(subject);
    if (slot === undefined) return;
    this.#slots.delete(subject);
    this.#subjects[slot] = "";
    this.#ends.remove(slot);
  }

  #drop(now: number): void {
    for (
      let slot = this.#ends.first();
      slot >= 0 && this.#ends.due(slot) <= now;
      slot = this.#ends.first()
    )
      this.#dropFirst();
  }

  #dropFirst(): void {
    this.remove(this.#subjects[this.#ends.first()] as string);
  }
}
