import { systemRandom, type Random } from "@dp/core";
import {
  resolveLimitBounds,
  type LimitAlgorithm,
  type LimitBounds,
  type LimitSample,
} from "./limit.ts";

/** How a {@link vegas} limit moves. */
export interface VegasOptions extends LimitBounds {
  /** Spreads the moments at which the shortest time is measured anew. @defaultValue the system's */
  readonly random?: Random | undefined;
}

/** The shortest time is measured anew after 15 to 30 times as many calls as the limit. */
const probeMultiplier = 30;

/**
 * Estimates from each call how many are queued at the service, `limit * (1 - shortest / rtt)`, and keeps that between
 * three and six times the logarithm of the limit. Needs no drops to find the limit, but times that depend on the load
 * only: for services whose calls are alike.
 *
 * The shortest time is forgotten now and then, or a service that has become slower would be held down for ever.
 *
 * L. Brakmo and L. Peterson, _TCP Vegas_, 1995; constants are those of Netflix' concurrency-limits.
 */
export const vegas = (options: VegasOptions = {}): LimitAlgorithm => {
  const { initial, min, max } = resolveLimitBounds(options);
  return new Vegas(initial, min, max, options.random ?? systemRandom);
};

class Vegas implements LimitAlgorithm {
  limit: number;
  readonly #min: number;
  readonly #max: number;
  readonly #random: Random;
  #shortestMs = Infinity;
  #samples = 0;
  #jitter: number;

  constructor(initial: number, min: number, max: number, random: Random) {
    this.limit = initial;
    this.#min = min;
    this.#max = max;
    this.#random = random;
    this.#jitter = this.#newJitter();
  }

  sample({ rttMs, inFlight, dropped }: LimitSample): void {
    const step = Math.max(1, Math.floor(Math.log10(this.limit)));
    // Before its time is looked at: a refusal is quick, and would pass for the shortest.
    if (dropped) {
      this.#move(-step);
      return;
    }
    this.#samples++;
    if (this.#samples >= this.#jitter * probeMultiplier * this.limit) {
      this.#jitter = this.#newJitter();
      this.#samples = 0;
      this.#shortestMs = rttMs;
      return;
    }
    if (rttMs < this.#shortestMs) {
      this.#shortestMs = rttMs;
      return;
    }
    if (2 * inFlight < this.limit) return;
    const queued = Math.ceil(this.limit * (1 - this.#shortestMs / rttMs));
    if (queued <= step) this.#move(6 * step);
    else if (queued < 3 * step) this.#move(step);
    else if (queued > 6 * step) this.#move(-step);
  }

  #move(by: number): void {
    this.limit = Math.min(this.#max, Math.max(this.#min, this.limit + by));
  }

  #newJitter(): number {
    return 0.5 + this.#random() / 2;
  }
}
