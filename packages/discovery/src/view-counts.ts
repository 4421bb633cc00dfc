import type { MetricFamily } from "@dp/core";
import type { Report } from "./balancers/balancer.ts";
import type { NoInstanceReason } from "./errors.ts";
import type { Standing } from "./service-view.ts";

/** Plain numbers the hot path bumps. */
export class ViewCounts {
  picks = 0;
  ejections = 0;
  checksPassed = 0;
  checksFailed = 0;
  readonly settled: Record<Report["outcome"], number> = {
    success: 0,
    failure: 0,
    cancelled: 0,
  };
  readonly refused: Record<NoInstanceReason, number> = {
    unknown: 0,
    empty: 0,
    unhealthy: 0,
    excluded: 0,
  };
}

/** What is true at the moment of a scrape. */
export interface ViewGauges {
  readonly standings: Readonly<Record<Standing, number>>;
  readonly panic: boolean;
  readonly stale: boolean;
  readonly ageMs: number;
}

/** The counts and gauges as Prometheus families; see the README for their meaning. */
export const viewMetrics = (
  service: string,
  counts: ViewCounts,
  gauges: ViewGauges,
): MetricFamily[] => {
  const labels = { service };
  const split = (
    label: string,
    values: Readonly<Record<string, number>>,
  ): MetricFamily["samples"] =>
    Object.entries(values).map(([key, value]) => ({
      labels: { service, [label]: key },
      value,
    }));
  const settled =
    counts.settled.success + counts.settled.failure + counts.settled.cancelled;
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
