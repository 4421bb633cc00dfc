import type { Random } from "@dp/core";
import type { Backoff } from "../backoff/backoff.ts";

/**
 * How long a circuit refuses calls, break after break. A circuit that has closed again forgets one break for every time
 * it stays closed as long as the last one lasted, so that one that flaps keeps the long breaks it has come to.
 */
export class Breaks {
  readonly #backoff: Backoff;
  #count = 0;
  #lastMs = 0;
  #startedAtMs: number | undefined;
  #closedAtMs: number | undefined;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** How long the last break was meant to be; 0 if there was none. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Breaks that counted when the last one ended, or count now. */
  get count(): number {
    return this.#count;
  }

  /** When the break began that has not ended in closing yet. */
  get startedAtMs(): number | undefined {
    return this.#startedAtMs;
  }

  /** When the circuit closed after the last break. */
  get closedAtMs(): number | undefined {
    return this.#closedAtMs;
  }

  /** Breaks that count at `now`. */
  #countAt(now: number): number {
    if (this.#closedAtMs === undefined) return this.#count;
    const closedForMs = now - this.#closedAtMs;
    // No break at all is as good as any time closed.
    const forgotten =
      this.#lastMs > 0 ? Math.floor(closedForMs / this.#lastMs) : this.#count;
    return Math.max(0, this.#count - forgotten);
  }

  /** Begins a break at `atMs` and returns when it is over. */
  begin(atMs: number, random: Random): number {
    const count = this.#countAt(atMs);
    const previousMs = count === 0 ? 0 : this.#lastMs;
    const delayMs = this.#backoff.delayMs(count + 1, previousMs, random);
    this.#count = count + 1;
    this.#lastMs = delayMs > 0 ? delayMs : 0;
    this.#startedAtMs = atMs;
    this.#closedAtMs = undefined;
    return atMs + this.#lastMs;
  }

  /** The circuit has closed by itself. */
  end(atMs: number): void {
    this.#startedAtMs = undefined;
    this.#closedAtMs = atMs;
  }

  forget(): void {
    this.restore(0, 0, undefined, undefined);
  }

  restore(
    count: number,
    lastMs: number,
    startedAtMs: number | undefined,
    closedAtMs: number | undefined,
  ): void {
    this.#count = count;
    this.#lastMs = lastMs;
    this.#startedAtMs = startedAtMs;
    this.#closedAtMs = closedAtMs;
  }
}
