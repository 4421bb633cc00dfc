import {
  requireDuration,
  requireInteger,
  requireNumber,
  type Duration,
} from "@dp/core";
import type { Counts } from "../circuit-state.ts";
import { TimeBuckets } from "../window/time-buckets.ts";
import type { Trip, TripDescription, TripWindow } from "./trip.ts";

/** How a {@link failureRate} looks back. */
export interface FailureRateOptions {
  /** How long a result counts. At least 1 ms. */
  readonly window: Duration;
  /** No decision before this many results are in the window, so that one early failure is not a rate of 100 %. */
  readonly minimum: number;
  /**
   * Into how many equal parts the window is cut; results leave it a part at a time. 1 to 1000.
   *
   * @defaultValue 10
   */
  readonly buckets?: number | undefined;
}

/**
 * Opens when at least `threshold` (0 to 1, excluding 0) of the results in the last `window` are failures, `minimum`
 * results or more being there. Decided after every result, with `>=`.
 *
 * The right trip under load; for a handful of calls a minute use `consecutive`. Only finished, counted calls are in
 * the rate: no refused ones, no ignored ones, none under way. Memory is 16 bytes a bucket.
 */
export const failureRate = (
  threshold: number,
  options: FailureRateOptions,
): Trip => {
  requireNumber("threshold", threshold, Number.MIN_VALUE, 1);
  const windowMs = requireDuration(
    "window",
    options.window,
    1,
    Number.MAX_SAFE_INTEGER,
  );
  const minimum = requireInteger("minimum", options.minimum, 1);
  const buckets = requireInteger("buckets", options.buckets ?? 10, 1, 1_000);
  return {
    create: () =>
      new FailureRateWindow(
        threshold,
        windowMs,
        minimum,
        new TimeBuckets(windowMs, buckets),
      ),
  };
};

class FailureRateWindow implements TripWindow {
  readonly reads = "now";
  readonly #threshold: number;
  readonly #windowMs: number;
  readonly #minimum: number;
  /** Successes first, failures second. */
  readonly #results: TimeBuckets;

  constructor(
    threshold: number,
    windowMs: number,
    minimum: number,
    results: TimeBuckets,
  ) {
    this.#threshold = threshold;
    this.#windowMs = windowMs;
    this.#minimum = minimum;
    this.#results = results;
  }

  success(now: number): boolean {
    this.#results.addFirst(now);
    return this.#reaches(this.#minimum);
  }

  failure(now: number): boolean {
    this.#results.addSecond(now);
    return this.#reaches(this.#minimum);
  }

  reset(now: number): void {
    this.#results.clear(now);
  }

  counts(now: number): Counts {
    this.#results.advance(now);
    const { firsts: successes, seconds: failures } = this.#results;
    return { total: successes + failures, successes, failures };
  }

  early(now: number): boolean {
    this.#results.advance(now);
    return this.#reaches(1);
  }

  save(now: number): unknown {
    return this.#results.save(now);
  }

  load(saved: unknown, now: number, agoMs: number): void {
    this.#results.load(saved, now, agoMs);
  }

  describe(): TripDescription {
    return {
      text: `${this.#threshold * 100} % failures among at least ${this.#minimum} results in ${this.#windowMs} ms`,
      data: {
        failureRate: this.#threshold,
        minimum: this.#minimum,
        windowMs: this.#windowMs,
      },
    };
  }

  #reaches(minimum: number): boolean {
    const failures = this.#results.seconds;
    if (failures === 0) return false;
    const total = this.#results.firsts + failures;
    return total >= minimum && failures / total >= this.#threshold;
  }
}
