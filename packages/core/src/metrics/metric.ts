/**
 * Something that can be scraped. Pull model: hot paths only bump plain numbers, and the samples are made when somebody
 * asks for them.
 */
export interface MetricSource {
  metrics(): Iterable<MetricFamily>;
}

/** All samples of one metric. Counters end in `_total`; names carry their unit (`_seconds`, `_bytes`). */
export interface MetricFamily {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples: Iterable<MetricSample>;
}

/** One labelled value. For a histogram `value` is the count, `buckets` are cumulative without `+Inf`, `sum` is the total. */
export interface MetricSample {
  labels: Readonly<Record<string, string>>;
  value: number;
  buckets?: readonly { le: number; count: number }[] | undefined;
  sum?: number | undefined;
}
