import type { MetricFamily, MetricSource } from "@dp/core";
import type { BuiltGeneration } from "./generation.ts";
import type { Listener } from "./listener.ts";
import type { RouteStats } from "./route-stats.ts";

/** All that a gateway counts: its own and, below it, its services', their breakers' and their instances'. */
export class GatewayMetrics implements MetricSource {
  readonly #listener: Listener;
  readonly #generation: () => BuiltGeneration;
  readonly #unrouted: RouteStats;

  constructor(
    listener: Listener,
    generation: () => BuiltGeneration,
    unrouted: RouteStats,
  ) {
    this.#listener = listener;
    this.#generation = generation;
    this.#unrouted = unrouted;
  }

  *metrics(): Iterable<MetricFamily> {
    const generation = this.#generation();
    const stats = [
      ...generation.routes.map((route) => route.stats),
      this.#unrouted,
    ];
    yield {
      name: "dp_gateway_requests_total",
      help: "Requests by route and status; 499 for clients that left, an empty route for requests that match none.",
      type: "counter",
      samples: stats.flatMap((each) => [...each.requests()]),
    };
    yield {
      name: "dp_gateway_request_duration_seconds",
      help: "Time from a request's head to the end of its answer.",
      type: "histogram",
      samples: stats.map((each) => each.duration()),
    };
    yield {
      name: "dp_gateway_connections",
      help: "Open connections of clients.",
      type: "gauge",
      samples: [{ labels: {}, value: this.#listener.connections.size }],
    };
    yield {
      name: "dp_gateway_connections_accepted_total",
      help: "Connections of clients accepted.",
      type: "counter",
      samples: [{ labels: {}, value: this.#listener.accepted }],
    };
    for (const service of generation.services.values())
      yield* service.metrics();
  }
}
