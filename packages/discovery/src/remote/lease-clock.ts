import type { Clock, Random } from "@dp/core";

/** No exchange takes longer than this, nor than a third of the ttl (but never under half a second). */
const longestExchangeMs = 5_000;
const shortestExchangeMs = 500;

/**
 * What time says about one lease. It is counted from when the last acknowledged exchange was sent, by the monotonic
 * clock: the registry counts from later, so others see the instance at least until then.
 */
export class LeaseClock {
  readonly #clock: Clock;
  readonly #random: Random;
  #ttlMs: number;
  #sentMs = -Infinity;
  #renewAtMs = Infinity;

  constructor(clock: Clock, random: Random, ttlMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#ttlMs = ttlMs;
  }

  /** As granted last; before that as asked for. */
  get ttlMs(): number {
    return this.#ttlMs;
  }

  /** When the last acknowledged exchange was sent; -Infinity before the first. */
  get sentMs(): number {
    return this.#sentMs;
  }

  get deadlineMs(): number {
    return this.#sentMs + this.#ttlMs;
  }

  /**
   * A third of the ttl after the last acknowledged exchange leaves room for two lost renewals; up to a fifth less by
   * chance keeps many from marching in step.
   */
  get renewAtMs(): number {
    return this.#renewAtMs;
  }

  get isOverdue(): boolean {
    return this.#clock.now() >= this.deadlineMs;
  }

  /** How long one exchange may take. */
  get exchangeMs(): number {
    const thirdMs = Math.max(shortestExchangeMs, this.#ttlMs / 3);
    return Math.min(longestExchangeMs, thirdMs);
  }

  /** An exchange that was sent at `sentMs` was acknowledged. */
  acknowledged(sentMs: number, ttlMs: number): void {
    this.#ttlMs = ttlMs;
    this.#sentMs = sentMs;
    this.#renewAtMs = sentMs + (ttlMs * (1 - this.#random() / 5)) / 3;
  }
}
