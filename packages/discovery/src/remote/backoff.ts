import type { Clock, Random } from "@dp/core";

const firstCapMs = 100;
const lastCapMs = 10_000;

/** Of the cap: without a least wait, chance could make an attempt follow at once on a failure. */
const leastShare = 0.1;

/** Recoveries believed in a row, and how long until one more is. */
const firstBelieved = 30;
const believedAgainMs = 10_000;

/**
 * Waits between attempts, with jitter below a doubling cap: whatever failed together comes back spread out. What gets
 * through and breaks each time is soon waited for like what does not get through.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog (2015).
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lastCapMs: number;
  readonly #believed: number;
  #capMs = firstCapMs;
  /** When every recovery is forgotten. */
  #forgottenMs = -Infinity;

  /** `mostMs` bounds the longest wait, 10 s unless lower; `believed` is how many recoveries in a row are believed. */
  constructor(
    clock: Clock,
    random: Random,
    mostMs: number = lastCapMs,
    believed: number = firstBelieved,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#lastCapMs = Math.min(mostMs, lastCapMs);
    this.#believed = believed;
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
    if (this.#capMs === firstCapMs) return;
    const nowMs = this.#clock.now();
    const forgottenMs = Math.max(this.#forgottenMs, nowMs) + believedAgainMs;
    if (forgottenMs - nowMs > this.#believed * believedAgainMs) return;
    this.#forgottenMs = forgottenMs;
    this.#capMs = firstCapMs;
  }
}
