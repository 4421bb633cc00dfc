import type { MetricFamily, MetricSample } from "@dp/core";
import type { StoreAnswer, StoreCounts } from "./stores/store.ts";

type Source = NonNullable<StoreAnswer["source"]>;

/** What a limiter has decided so far. */
export interface LimiterTally {
  allowed: number;
  refused: number;
  /** Those of both that the store was not asked about, by who decided in its place. */
  readonly elsewhere: Record<Exclude<Source, "store">, number>;
  /** By policy: how often it could not take the cost, whether it may refuse or only watches. */
  readonly exhausted: number[];
}

interface LimiterFigures {
  readonly prefix: string;
  readonly names: readonly string[];
  readonly enforced: readonly boolean[];
  readonly tally: LimiterTally;
  readonly counts: readonly StoreCounts[] | undefined;
  /** How often the store has failed, by what it was asked. */
  readonly errors: Readonly<Record<string, number>>;
  /** Calls that wait. */
  readonly waiting: number;
}

/** The metric families of one limiter. */
export const limiterMetrics = (figures: LimiterFigures): MetricFamily[] => {
  const { prefix: limiter, names, enforced, tally, counts } = figures;
  const { errors, waiting } = figures;
  const families: MetricFamily[] = [
    {
      name: "dp_ratelimit_decisions_total",
      help: "Takes decided, by outcome.",
      type: "counter",
      samples: [
        { labels: { limiter, outcome: "allowed" }, value: tally.allowed },
        { labels: { limiter, outcome: "refused" }, value: tally.refused },
      ],
    },
    {
      name: "dp_ratelimit_exhausted_total",
      help: "Takes a policy could not grant; in shadow mode they went through all the same.",
      type: "counter",
      samples: names.map((policy, index) => ({
        labels: {
          limiter,
          mode: enforced[index] === true ? "enforced" : "shadow",
          policy,
        },
        value: tally.exhausted[index] as number,
      })),
    },
    {
      name: "dp_ratelimit_decided_elsewhere_total",
      help: "Takes decided without the store: from a lease, by this process alone, or let through because the store failed.",
      type: "counter",
      samples: Object.entries(tally.elsewhere).map(([source, value]) => ({
        labels: { limiter, source },
        value,
      })),
    },
    {
      name: "dp_ratelimit_store_errors_total",
      help: "Failures of the store, by what it was asked to do.",
      type: "counter",
      samples: Object.entries(errors).map(([operation, value]) => ({
        labels: { limiter, operation },
        value,
      })),
    },
    {
      name: "dp_ratelimit_waiting",
      help: "Calls that wait to be allowed.",
      type: "gauge",
      samples: [{ labels: { limiter }, value: waiting }],
    },
  ];
  if (counts === undefined) return families;
  const byPolicy = (read: (counts: StoreCounts) => number): MetricSample[] =>
    counts.map((each, index) => ({
      labels: { limiter, policy: names[index] as string },
      value: read(each),
    }));
  families.push(
    {
      name: "dp_ratelimit_keys",
      help: "Subjects held in memory.",
      type: "gauge",
      samples: byPolicy(({ keys }) => keys),
    },
    {
      name: "dp_ratelimit_forgotten_total",
      help: "Subjects forgotten because they were back to full.",
      type: "counter",
      samples: byPolicy(({ forgotten }) => forgotten),
    },
    {
      name: "dp_ratelimit_overflowed_total",
      help: "Takes of new subjects that found the store full of spending ones.",
      type: "counter",
      samples: byPolicy(({ overflowed }) => overflowed),
    },
  );
  return families;
};
