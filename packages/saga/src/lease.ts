import type { Clock } from "@dp/core";

/**
 * What a worker knows of its own lease: counted from before each renewal was asked for, on the monotonic clock, so that
 * it never believes in the lease for longer than the store does.
 */
export class Lease {
  readonly leaseMs: number;
  readonly #clock: Clock;
  #untilMs: number;

  constructor(leaseMs: number, clock: Clock) {
    this.leaseMs = leaseMs;
    this.#clock = clock;
    this.#untilMs = -Infinity;
  }

  get isValid(): boolean {
    return this.#clock.now() < this.#untilMs;
  }

  /** In how many ms to renew it: a third is gone then. */
  get renewInMs(): number {
    return this.leaseMs / 3;
  }

  /** Does something that renews the lease when it succeeds. */
  async renewedBy<T>(work: () => Promise<T>): Promise<T> {
    const askedMs = this.#clock.now();
    const answer = await work();
    this.#untilMs = Math.max(this.#untilMs, askedMs + this.leaseMs);
    return answer;
  }
}
