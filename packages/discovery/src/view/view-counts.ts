import type { MetricFamily } from "@dp/core";
import type { Report } from "../balancers/balancer.ts";
import type { NoInstanceReason } from "../errors.ts";
import type { Standing } from "./service-view.ts";
import type { TierPart } from "./tier-part.ts";

/** Plain numbers the hot path bumps. */
export class ViewCounts {
  picks = 0;
  ejections = 0;
  checksPassed = 0;
  checksFailed = 0;
  successes = 0;
  failures = 0;
  cancelled = 0;
  /** Snapshot files that were there and could not be used. */
  fileReads = 0;
  /** Snapshot files that could not be written. */
  fileWrites = 0;
  readonly refused: Record<NoInstanceReason, number> = {
    unknown: 0,
    empty: 0,
    unhealthy: 0,
    excluded: 0,
  };

  get settled(): Readonly<Record<Report["outcome"], number>> {
    const { successes, failures, cancelled } = this;
    return { success: successes, failure: failures, cancelled };
  }

  settle(outcome: Report["outcome"]): void {
    if (outcome === "success") this.successes++;
    else if (outcome === "failure") this.failures++;
    else this.cancelled++;
  }
}

/** What is true at the moment of a scrape. */
export interface ViewGauges {
  readonly standings: Readonly<Record<Standing, number>>;
  readonly tiers: readonly {
    readonly priority: number;
    readonly part: TierPart;
    readonly load: number;
  }[];
  readonly slowStarting: number;
  readonly unconfirmed: number;
  readonly panic: boolean;
  readonly stale: boolean;
  readonly ageMs: number;
  readonly revision: bigint;
}

/** All that get picks, and the first of those that wait: a series each, and priorities are what records say. */
const mostTiers = 16;

const shownTiers = (tiers: ViewGauges["tiers"]): ViewGauges["tiers"] =>
  tiers.filter(({ load }, index) => load > 0 || index < mostTiers);

/** The counts and gauges as Prometheus families, each with these labels; see the README for their meaning. */
export const viewMetrics = (
  labels: Readonly<Record<string, string>>,
  counts: ViewCounts,
  gauges: ViewGauges,
): MetricFamily[] => {
  const split = (
    label: string,
    values: Readonly<Record<string, number>>,
  ): MetricFamily["samples"] =>
    Object.entries(values).map(([key, value]) => ({
      labels: { ...labels, [label]: key },
      value,
    }));
  const settled = counts.successes + counts.failures + counts.cancelled;
  return [
    {
      name: "dp_discovery_instances",
      help: "Known instances by standing.",
      type: "gauge",
      samples: split("standing", gauges.standings),
    },
    {
      name: "dp_discovery_picks_total",
      help: "Picks that found an instance.",
      type: "counter",
      samples: [{ labels, value: counts.picks }],
    },
    {
      name: "dp_discovery_refused_picks_total",
      help: "Picks that found no instance, by reason.",
      type: "counter",
      samples: split("reason", counts.refused),
    },
    {
      name: "dp_discovery_settled_total",
      help: "Settled leases by outcome.",
      type: "counter",
      samples: split("outcome", counts.settled),
    },
    {
      name: "dp_discovery_in_flight",
      help: "Leases that are not settled.",
      type: "gauge",
      samples: [{ labels, value: counts.picks - settled }],
    },
    {
      name: "dp_discovery_ejections_total",
      help: "Ejections by outlier detection.",
      type: "counter",
      samples: [{ labels, value: counts.ejections }],
    },
    {
      name: "dp_discovery_health_checks_total",
      help: "Finished health checks by result.",
      type: "counter",
      samples: split("result", {
        passed: counts.checksPassed,
        failed: counts.checksFailed,
      }),
    },
    {
      name: "dp_discovery_tier_load",
      help: "The part of the picks a tier gets, by priority and zone.",
      type: "gauge",
      samples: shownTiers(gauges.tiers).map(({ priority, part, load }) => ({
        labels: { ...labels, priority: `${priority}`, part },
        value: load,
      })),
    },
    {
      name: "dp_discovery_slow_starting",
      help: "Instances whose weight is still rising.",
      type: "gauge",
      samples: [{ labels, value: gauges.slowStarting }],
    },
    {
      name: "dp_discovery_unconfirmed",
      help: "Instances in use that the registry's last snapshot lacks or has not confirmed.",
      type: "gauge",
      samples: [{ labels, value: gauges.unconfirmed }],
    },
    {
      name: "dp_discovery_snapshot_file_failures_total",
      help: "Snapshot files that could not be read or written.",
      type: "counter",
      samples: split("operation", {
        read: counts.fileReads,
        write: counts.fileWrites,
      }),
    },
    {
      name: "dp_discovery_revision",
      help: "The registry's revision this view has come to; compare views to find one that lags.",
      type: "gauge",
      samples: [{ labels, value: Number(gauges.revision) }],
    },
    {
      name: "dp_discovery_panic",
      help: "1 while all serving instances are used because too few are healthy.",
      type: "gauge",
      samples: [{ labels, value: gauges.panic ? 1 : 0 }],
    },
    {
      name: "dp_discovery_stale",
      help: "1 while out of contact with the registry.",
      type: "gauge",
      samples: [{ labels, value: gauges.stale ? 1 : 0 }],
    },
    {
      name: "dp_discovery_age_seconds",
      help: "Time since contact with the registry was lost, 0 while in contact.",
      type: "gauge",
      samples: [{ labels, value: gauges.ageMs / 1000 }],
    },
  ];
};
