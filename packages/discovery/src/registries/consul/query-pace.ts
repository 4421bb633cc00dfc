import type { Clock } from "@dp/core";

const burst = 2;
const refillMs = 1_000;

/**
 * Keeps a loop of blocking queries from becoming a busy one, when a service changes all the time or a server answers at
 * once: two in a row may go out at once, then one a second. In quiet times nobody waits.
 *
 * Source: Consul, "Blocking Queries", which recommends a token bucket with a burst of 2.
 */
export class QueryPace {
  readonly #clock: Clock;
  #tokens = burst;
  #atMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.now();
  }

  /** Resolves when the next query may go out. */
  async next(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    const refilled = this.#tokens + (nowMs - this.#atMs) / refillMs;
    this.#tokens = Math.min(burst, refilled) - 1;
    this.#atMs = nowMs;
    if (this.#tokens < 0)
      await this.#clock.sleep(-this.#tokens * refillMs, signal);
  }
}
