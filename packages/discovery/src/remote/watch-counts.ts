import type { MetricFamily } from "@dp/core";
import type { Follow } from "./feeds.ts";

/** What an operator asks of the watches of one registry object. */
export class WatchCounts {
  readonly #lost: (error: Error) => void;
  #losses = 0;
  /** Changes told one by one. */
  changes = 0;
  /** How often the whole state had to be told anew. */
  resyncs = 0;

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

  /** `registry` names the kind, as `redis`; `watched` is how many services are followed. */
  metrics(registry: string, watched: number): MetricFamily[] {
    const one = (value: number) => [{ labels: { registry }, value }];
    return [
      {
        name: "dp_discovery_watched_services",
        help: "Services this process follows.",
        type: "gauge",
        samples: one(watched),
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
        help: "How often the whole state had to be told anew.",
        type: "counter",
        samples: one(this.resyncs),
      },
    ];
  }
}
