import { requireInteger, requireNumber } from "@dp/core";
import type { Counts } from "../circuit-state.ts";
import { RingCounter } from "../window/ring-counter.ts";
import type { Trip, TripDescription, TripWindow } from "./trip.ts";

/** How a {@link countRate} looks back. */
export interface CountRateOptions {
  /** So many results count, the last ones. 1 to 1,000,000. */
  readonly last: number;
  /** No decision before this many results are there. 1 to `last`. */
  readonly minimum: number;
}

/**
 * Opens when at least `threshold` (0 to 1, excluding 0) of the last results are failures, however far apart in time.
 * Decided after every result, with `>=`.
 *
 * For services that are called seldom or in bursts, where a time window would be empty most of the time; under steady
 * load `failureRate` forgets an old trouble sooner. Needs no clock. Memory is a bit a result.
 */
export const countRate = (
  threshold: number,
  options: CountRateOptions,
): Trip => {
  requireNumber("threshold", threshold, Number.MIN_VALUE, 1);
  const last = requireInteger("last", options.last, 1, 1_000_000);
  const minimum = requireInteger("minimum", options.minimum, 1, last);
  return { create: () => new CountRateWindow(threshold, last, minimum) };
};

class CountRateWindow implements TripWindow {
  readonly reads = "nothing";
  readonly #threshold: number;
  readonly #last: number;
  readonly #minimum: number;
  readonly #results: RingCounter;

  constructor(threshold: number, last: number, minimum: number) {
    this.#threshold = threshold;
    this.#last = last;
    this.#minimum = minimum;
    this.#results = new RingCounter(last);
  }

  success(): boolean {
    this.#results.add(false);
    return this.#reaches(this.#minimum);
  }

  failure(): boolean {
    this.#results.add(true);
    return this.#reaches(this.#minimum);
  }

  reset(): void {
    this.#results.clear();
  }

  counts(): Counts {
    const { total, failures } = this.#results;
    return { total, successes: total - failures, failures };
  }

  early(): boolean {
    return this.#reaches(1);
  }

  save(): unknown {
    return this.#results.save();
  }

  load(saved: unknown): void {
    this.#results.load(saved);
  }

  describe(): TripDescription {
    return {
      text: `${this.#threshold * 100} % failures among at least ${this.#minimum} of the last ${this.#last} results`,
      data: {
        countRate: this.#threshold,
        minimum: this.#minimum,
        last: this.#last,
      },
    };
  }

  #reaches(minimum: number): boolean {
    const { total, failures } = this.#results;
    return total >= minimum && failures / total >= this.#threshold;
  }
}
