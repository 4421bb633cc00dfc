import type { MetricFamily } from "@dp/core";

/** What went wrong with a registry: counted, and told to whoever asked to hear of it. */
export class Failures {
  readonly #listener: ((error: Error) => void) | undefined;
  #count = 0;
  #skipped = 0;

  constructor(listener: ((error: Error) => void) | undefined) {
    this.#listener = listener;
  }

  get count(): number {
    return this.#count;
  }

  /** Like {@link Failures.report}, of a record that was read and is no instance. */
  skip(reason: unknown): void {
    this.#skipped++;
    this.report(reason);
  }

  /** `registry` is the value of that label. */
  skippedMetric(registry: string): MetricFamily {
    return {
      name: "dp_discovery_records_skipped_total",
      help: "Records that were read and are no instance.",
      type: "counter",
      samples: [{ labels: { registry }, value: this.#skipped }],
    };
  }

  /** Counts and tells. A listener that throws harms nobody. Returns the error. */
  report(reason: unknown): Error {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.#count++;
    try {
      this.#listener?.(error);
    } catch {
      // Its own fault; the registry goes on.
    }
    return error;
  }
}
