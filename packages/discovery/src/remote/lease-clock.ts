import type { Clock, Random } from "@dp/core";

/** No exchange takes longer than this, nor than a third of the ttl (but never under half a second). */
const longestExchangeMs = 5_000;
const shortestExchangeMs = 500;

/**
 * How long after one renewal the next is sent, in milliseconds. A third of the ttl leaves room for two lost renewals;
 * up to a fifth less by chance keeps many from marching in step.
 */
export const renewalMs = (ttlMs: number, random: Random): number =>
  (ttlMs * (1 - random() / 5)) / 3;

/**
 * What time says about one lease. It is counted from when the last acknowledged exchange was sent, by the monotonic
 * clock: the registry counts from later, so others see the instance at least until then.
 */
export class LeaseClock {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #openedMs: number;
  #ttlMs: number;
  /** When the last acknowledged exchange was sent; -Infinity before the first. */
  #sentMs = -Infinity;
  #renewAtMs = Infinity;

  constructor(clock: Clock, random: Random, ttlMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#openedMs = clock.now();
    this.#ttlMs = ttlMs;
  }

  /** As granted last; before that as asked for. */
  get ttlMs(): number {
    return this.#ttlMs;
  }

  /** Since when nothing was acknowledged; Infinity for a lease that needs no renewal. */
  get unheardSinceMs(): number {
    if (this.#sentMs === -Infinity) return this.#openedMs;
    return this.#ttlMs === Infinity ? Infinity : this.#sentMs;
  }

  get deadlineMs(): number {
    return this.#sentMs + this.#ttlMs;
  }

  /** Counted from the last acknowledged exchange, as {@link renewalMs} has it. */
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
    this.#renewAtMs = sentMs + renewalMs(ttlMs, this.#random);
  }
}
