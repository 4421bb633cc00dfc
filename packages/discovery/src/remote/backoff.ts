import type { Random } from "@dp/core";

const firstCapMs = 100;
const lastCapMs = 10_000;

/** Of the cap: without a least wait, chance could make an attempt follow at once on a failure. */
const leastShare = 0.1;

/**
 * Waits between attempts, with jitter below a doubling cap: whatever failed together comes back spread out.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog (2015).
 */
export class Backoff {
  readonly #random: Random;
  readonly #lastCapMs: number;
  #capMs = firstCapMs;

  /** `mostMs` bounds the longest wait, 10 s unless lower. */
  constructor(random: Random, mostMs: number = lastCapMs) {
    this.#random = random;
    this.#lastCapMs = Math.min(mostMs, lastCapMs);
  }

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const share = leastShare + (1 - leastShare) * this.#random();
    const waitMs = share * Math.min(this.#capMs, this.#lastCapMs);
    this.#capMs = Math.min(this.#capMs * 2, lastCapMs);
    return waitMs;
  }

  /** After an attempt that got through. */
  reset(): void {
    this.#capMs = firstCapMs;
  }
}
