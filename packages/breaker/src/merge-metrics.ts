import type { MetricFamily, MetricSource } from "@dp/core";

/** The families of all sources, those of one name put together. */
export const mergeMetrics = (
  sources: Iterable<MetricSource>,
): MetricFamily[] => {
  const families = new Map<string, MetricFamily>();
  for (const source of sources)
    for (const family of source.metrics()) {
      const { samples = [] } = families.get(family.name) ?? {};
      families.set(family.name, {
        ...family,
        samples: [...samples, ...family.samples],
      });
    }
  return [...families.values()];
};
