import type { Random } from "@dp/core";
import type { Backoff } from "./backoff/backoff.ts";

/** How long a circuit refuses calls, opening after opening, since it was last closed. */
export class Breaks {
  readonly #backoff: Backoff;
  #count = 0;
  #lastMs = 0;
  #startedAtMs: number | undefined;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** How long the last break was meant to be; 0 if there was none. */
  get lastMs(): number {
    return this.#lastMs;
  }

  get startedAtMs(): number | undefined {
    return this.#startedAtMs;
  }

  /** Begins a break at `atMs` and returns when it is over. */
  begin(atMs: number, random: Random): number {
    const delayMs = this.#backoff.delayMs(++this.#count, this.#lastMs, random);
    this.#lastMs = delayMs > 0 ? delayMs : 0;
    this.#startedAtMs = atMs;
    return atMs + this.#lastMs;
  }

  forget(): void {
    this.#count = 0;
    this.#lastMs = 0;
    this.#startedAtMs = undefined;
  }
}
