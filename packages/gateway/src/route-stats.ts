import { Histogram, type MetricSample } from "@dp/core";

/** What happened on one route. */
export class RouteStats {
  readonly #name: string;
  readonly #statuses: Map<number, { count: number }> = new Map();
  readonly #seconds: Histogram = new Histogram();

  constructor(name: string) {
    this.#name = name;
  }

  /** Counts an answered request; 499 for a client that left. */
  record(status: number, durationMs: number): void {
    const known = this.#statuses.get(status);
    if (known === undefined) this.#statuses.set(status, { count: 1 });
    else known.count++;
    this.#seconds.observe(durationMs / 1000);
  }

  *requests(): Iterable<MetricSample> {
    for (const [status, { count }] of this.#statuses)
      yield {
        labels: { route: this.#name, status: String(status) },
        value: count,
      };
  }

  duration(): MetricSample {
    return this.#seconds.sample({ route: this.#name });
  }
}
