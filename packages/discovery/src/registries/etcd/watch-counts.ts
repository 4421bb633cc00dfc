import type { MetricFamily } from "@dp/core";

/** What an operator asks of the watches of one registry object. Plain numbers, bumped where things happen. */
export class WatchCounts {
  deltas = 0;
  lost = 0;
  compacted = 0;
  reset = 0;
  skipped = 0;
  /** Services that are watched and out of contact now. */
  readonly stale: Set<string> = new Set();

  metrics(watched: number): MetricFamily[] {
    const labels = { registry: "etcd" };
    const counter = (
      name: string,
      help: string,
      value: number,
    ): MetricFamily => ({
      name,
      help,
      type: "counter",
      samples: [{ labels, value }],
    });
    const gauge = (
      name: string,
      help: string,
      value: number,
    ): MetricFamily => ({
      ...counter(name, help, value),
      type: "gauge",
    });
    return [
      gauge(
        "dp_discovery_watched_services",
        "Services that are watched.",
        watched,
      ),
      gauge(
        "dp_discovery_watched_services_stale",
        "Watched services that are out of contact.",
        this.stale.size,
      ),
      counter(
        "dp_discovery_watch_deltas_total",
        "Revisions told to watches.",
        this.deltas,
      ),
      counter(
        "dp_discovery_watch_lost_total",
        "Times a watch lost contact.",
        this.lost,
      ),
      {
        name: "dp_discovery_watch_resyncs_total",
        help: "Times a watch had to list again, by reason.",
        type: "counter",
        samples: [
          { labels: { ...labels, reason: "compacted" }, value: this.compacted },
          { labels: { ...labels, reason: "store-reset" }, value: this.reset },
        ],
      },
      counter(
        "dp_discovery_records_skipped_total",
        "Keys or values read that are no instance.",
        this.skipped,
      ),
    ];
  }
}
