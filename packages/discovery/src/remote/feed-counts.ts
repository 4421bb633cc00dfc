import type { MetricFamily } from "@dp/core";

/** What the feeds of one registry object have seen. Plain numbers, bumped by feeds as they tell it. */
export class FeedCounts {
  /** Changes told one by one. */
  changes = 0;
  /** How often contact was lost. */
  losses = 0;
  /** How often the whole state had to be told anew, by reason. */
  readonly resyncs: Record<"compacted" | "store-reset", number> = {
    compacted: 0,
    "store-reset": 0,
  };

  /** `registry` is the value of that label; `watched` services are followed, `stale` of them out of contact. */
  metrics(registry: string, watched: number, stale: number): MetricFamily[] {
    const one = (value: number) => [{ labels: { registry }, value }];
    return [
      {
        name: "dp_discovery_watched_services",
        help: "Services this process follows.",
        type: "gauge",
        samples: one(watched),
      },
      {
        name: "dp_discovery_watched_services_stale",
        help: "Followed services that are out of contact.",
        type: "gauge",
        samples: one(stale),
      },
      {
        name: "dp_discovery_watch_changes_total",
        help: "Changes the registry told, one by one.",
        type: "counter",
        samples: one(this.changes),
      },
      {
        name: "dp_discovery_watch_losses_total",
        help: "How often contact was lost.",
        type: "counter",
        samples: one(this.losses),
      },
      {
        name: "dp_discovery_watch_resyncs_total",
        help: "How often the whole state had to be told anew, by reason.",
        type: "counter",
        samples: Object.entries(this.resyncs).map(([reason, value]) => ({
          labels: { registry, reason },
          value,
        })),
      },
    ];
  }
}
