import { InvalidOptionError } from "../errors.ts";
import type { MetricSample } from "./metric.ts";

/** Latency bounds in seconds: roughly a factor of two apart from half a millisecond to ten seconds. */
export const latencyBoundsSeconds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
  10,
];

/** Counts values into fixed buckets. `observe` costs a search over the bounds and allocates nothing. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /**
   * `bounds` are the upper ends of the buckets, ascending; values above the last are counted in `+Inf`. Throws
   * `InvalidOptionError` for bounds that are empty, not finite or not ascending.
   */
  constructor(bounds: readonly number[] = latencyBoundsSeconds) {
    const ascending = bounds.every(
      (bound, index) =>
        Number.isFinite(bound) && bound > (bounds[index - 1] ?? -Infinity),
    );
    if (bounds.length === 0 || !ascending)
      throw new InvalidOptionError(
        "bounds",
        bounds,
        "finite numbers, at least one, in ascending order",
      );
    this.#bounds = [...bounds];
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one value; a value equal to a bound belongs to that bound's bucket. NaN is not counted: it would spoil the sum for good. */
  observe(value: number): void {
    if (Number.isNaN(value)) return;
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number))
      bucket++;
    (this.#counts[bucket] as number)++;
    this.#sum += value;
  }

  /** The current state as a sample of a histogram family; later values do not change it. */
  sample(labels: Readonly<Record<string, string>> = {}): MetricSample {
    let total = 0;
    const buckets = this.#bounds.map((le, index) => ({
      le,
      count: (total += this.#counts[index] as number),
    }));
    return {
      labels,
      value: total + (this.#counts[this.#bounds.length] as number),
      buckets,
      sum: this.#sum,
    };
  }
}
