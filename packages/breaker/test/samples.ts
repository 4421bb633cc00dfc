import type { MetricSource } from "@dp/core";

/** All samples of a source by name and the labels' values, without the prefix that all share. */
export const samplesOf = (source: MetricSource): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const { name, samples } of source.metrics())
    for (const { labels, value } of samples)
      found[
        [name.replace("dp_breaker_", ""), ...Object.values(labels)].join(" ")
      ] = value;
  return found;
};
