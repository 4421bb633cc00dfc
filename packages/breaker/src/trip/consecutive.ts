import { requireInteger } from "@dp/core";
import type { Counts } from "../circuit-state.ts";
import type { Trip, TripDescription, TripWindow } from "./trip.ts";

/**
 * Opens after `failures` failures in a row, with no success between them, however far apart in time.
 *
 * Quick to react and the cheapest trip: two numbers, no clock. Under load a service that fails half of its calls
 * seldom fails many in a row: use `failureRate` there.
 */
export const consecutive = (failures: number): Trip => {
  requireInteger("consecutive", failures, 1);
  return { create: () => new ConsecutiveWindow(failures) };
};

class ConsecutiveWindow implements TripWindow {
  readonly reads = "nothing";
  readonly #threshold: number;
  /** The current row; a success starts a new one. */
  #failures = 0;
  #successes = 0;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  success(): boolean {
    this.#failures = 0;
    this.#successes = 1;
    return false;
  }

  failure(): boolean {
    this.#successes = 0;
    return ++this.#failures >= this.#threshold;
  }

  reset(): void {
    this.#failures = 0;
    this.#successes = 0;
  }

  counts(): Counts {
    return {
      total: this.#failures + this.#successes,
      successes: this.#successes,
      failures: this.#failures,
    };
  }

  early(): boolean {
    return this.#failures > 0;
  }

  save(): unknown {
    return [this.#successes, this.#failures];
  }

  load(saved: unknown): void {
    this.reset();
    const [successes, failures] = Array.isArray(saved)
      ? (saved as unknown[])
      : [];
    if (successes === 1 && failures === 0) this.#successes = 1;
    else if (Number.isSafeInteger(failures) && (failures as number) > 0)
      this.#failures = failures as number;
  }

  describe(): TripDescription {
    return {
      text: `${this.#threshold} failures in a row`,
      data: { consecutive: this.#threshold },
    };
  }
}
