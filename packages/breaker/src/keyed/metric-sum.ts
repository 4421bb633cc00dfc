import type { MetricFamily, MetricSample } from "@dp/core";

/** So many sets of labels are kept of policies that are gone. */
const keptSets = 1_000;

type Sum = Omit<MetricFamily, "samples"> & {
  readonly sets: Map<string, MetricSample>;
};

/** Adds up the samples of many sources: those of one name and equal labels become one. */
export class MetricSum {
  readonly #sums = new Map<string, Sum>();
  #sets = 0;

  /** Adds what a source says that is still there. */
  add(families: Iterable<MetricFamily>): void {
    for (const family of families) this.#addFamily(family, Infinity);
  }

  /** Adds what counts for ever of a source that is gone: no gauges, and of a bounded number of sets of labels. */
  addGone(families: Iterable<MetricFamily>): void {
    for (const family of families)
      if (family.type !== "gauge") this.#addFamily(family, keptSets);
  }

  families(): MetricFamily[] {
    return Array.from(this.#sums.values(), ({ name, help, type, sets }) => ({
      name,
      help,
      type,
      samples: [...sets.values()],
    }));
  }

  #addFamily({ name, help, type, samples }: MetricFamily, limit: number): void {
    let sum = this.#sums.get(name);
    if (sum === undefined) {
      sum = { name, help, type, sets: new Map() };
      this.#sums.set(name, sum);
    }
    for (const sample of samples) {
      const key = JSON.stringify(Object.entries(sample.labels).toSorted());
      const before = sum.sets.get(key);
      if (before === undefined && this.#sets >= limit) continue;
      if (before === undefined) this.#sets++;
      sum.sets.set(key, before === undefined ? sample : plus(before, sample));
    }
  }
}

const plus = (left: MetricSample, right: MetricSample): MetricSample => ({
  labels: left.labels,
  value: left.value + right.value,
  sum:
    left.sum === undefined && right.sum === undefined
      ? undefined
      : (left.sum ?? 0) + (right.sum ?? 0),
  buckets: left.buckets?.map(({ le, count }) => ({
    le,
    count:
      count + (right.buckets?.find((bucket) => bucket.le === le)?.count ?? 0),
  })),
});
