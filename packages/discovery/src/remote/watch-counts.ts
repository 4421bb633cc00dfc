import type { MetricFamily } from "@dp/core";
import type { Follow } from "./feeds.ts";

/** What is followed at this moment. */
export interface Followed {
  /** How many services. */
  readonly size: number;
  /** How many of them are out of contact. */
  readonly stale: number;
}

/** What an operator asks of the watches of one registry object. Plain numbers, bumped where things happen. */
export class WatchCounts {
  readonly #lost: (error: Error) => void;
  #losses = 0;
  /** Changes told one by one. */
  changes = 0;
  /** How often the whole state had to be told anew, by reason. */
  readonly resyncs: Record<"compacted" | "store-reset", number> = {
    compacted: 0,
    "store-reset": 0,
  };
  /** Records that were read and are no instance. */
  skipped = 0;

  /** `lost` is told of each loss of contact. */
  constructor(lost: (error: Error) => void) {
    this.#lost = lost;
  }

  /** The same, with its losses counted. */
  around<M>(follow: Follow<M>): Follow<M> {
    return async (service, feed, signal) => {
      try {
        await follow(service, feed, signal);
      } catch (error) {
        if (!signal.aborted) {
          this.#losses++;
          this.#lost(error instanceof Error ? error : new Error(String(error)));
        }
        throw error;
      }
    };
  }

  /** `registry` names the kind, as `redis`. */
  metrics(registry: string, followed: Followed): MetricFamily[] {
    const one = (value: number) => [{ labels: { registry }, value }];
    return [
      {
        name: "dp_discovery_watched_services",
        help: "Services this process follows.",
        type: "gauge",
        samples: one(followed.size),
      },
      {
        name: "dp_discovery_watched_services_stale",
        help: "Followed services that are out of contact.",
        type: "gauge",
        samples: one(followed.stale),
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
        samples: one(this.#losses),
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
      {
        name: "dp_discovery_records_skipped_total",
        help: "Records that were read and are no instance.",
        type: "counter",
        samples: one(this.skipped),
      },
    ];
  }
}
