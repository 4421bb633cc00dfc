import { requireDuration, requireNumber, type Duration } from "@dp/core";
import {
  resolveLimitBounds,
  type LimitAlgorithm,
  type LimitBounds,
  type LimitSample,
} from "./limit.ts";

/** How a {@link gradient2} limit moves. */
export interface Gradient2Options extends LimitBounds {
  /** How much longer than usual calls may take before the limit falls: 1.5 is by half. At least 1. @defaultValue 1.5 */
  readonly tolerance?: number | undefined;
  /** How many calls may queue at the service, and by how much the limit tries to grow. At least 0. @defaultValue 4 */
  readonly queue?: number | undefined;
  /** For how long calls are gathered into one sample. 0: none, every call is one. @defaultValue '1s' */
  readonly window?: Duration | undefined;
}

/** How many samples the usual time looks back on, and how many of the first ones are just averaged. */
const longWindow = 600;
const warmUp = 10;
/** How much of each step is taken. */
const smoothing = 0.2;

/**
 * Compares how long calls take now with how long they have usually taken, and lowers the limit by that ratio. Without
 * assumptions about the service, so the one to start with.
 *
 * Samples are gathered over a second: fed with every call of a busy service, the usual time would follow an overload
 * within a moment and call it usual. A drop halves the target instead of being timed: a timeout always takes the same
 * time, which would pass for a steady service and let the limit grow.
 *
 * The formulas are those of Gradient2Limit in Netflix' concurrency-limits, except for drops, which it does not look at.
 */
export const gradient2 = (options: Gradient2Options = {}): LimitAlgorithm => {
  const { initial, min, max } = resolveLimitBounds(options);
  const tolerance = requireNumber("tolerance", options.tolerance ?? 1.5, 1);
  const queue = requireNumber("queue", options.queue ?? 4, 0);
  const windowMs = requireDuration("window", options.window ?? "1s");
  return new Gradient2(initial, min, max, tolerance, queue, windowMs);
};

class Gradient2 implements LimitAlgorithm {
  limit: number;
  readonly windowMs: number;
  readonly #min: number;
  readonly #max: number;
  readonly #tolerance: number;
  readonly #queue: number;
  #usualMs = 0;
  #samples = 0;

  constructor(
    initial: number,
    min: number,
    max: number,
    tolerance: number,
    queue: number,
    windowMs: number,
  ) {
    this.limit = initial;
    this.#min = min;
    this.#max = max;
    this.#tolerance = tolerance;
    this.#queue = queue;
    this.windowMs = windowMs;
  }

  sample({ rttMs, inFlight, dropped }: LimitSample): void {
    if (dropped) {
      this.#approach(0.5 * this.limit);
      return;
    }
    const usualMs = this.#learn(rttMs);
    if (2 * inFlight < this.limit) return;
    const gradient = Math.min(
      1,
      Math.max(0.5, (this.#tolerance * usualMs) / rttMs),
    );
    this.#approach(gradient * this.limit + this.#queue);
  }

  /** Takes a time into the usual one, which is returned. */
  #learn(rttMs: number): number {
    this.#samples++;
    const weight =
      this.#samples <= warmUp ? 1 / this.#samples : 2 / (longWindow + 1);
    this.#usualMs += weight * (rttMs - this.#usualMs);
    // After an overload the usual time comes down faster than it went up.
    if (this.#usualMs / rttMs > 2) this.#usualMs *= 0.95;
    return this.#usualMs;
  }

  #approach(target: number): void {
    const limit = (1 - smoothing) * this.limit + smoothing * target;
    this.limit = Math.min(this.#max, Math.max(this.#min, limit));
  }
}
