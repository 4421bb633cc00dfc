import type { MetricFamily, MetricSource } from "@dp/core";
import type { CircuitBreaker } from "@dp/breaker";
import type { Instance, ServiceView } from "@dp/discovery";
import type { Deadlines } from "./deadlines.ts";
import { UpstreamPool } from "./http1/upstream-pool.ts";
import { RetryBudget } from "./retry-budget.ts";

export interface ServiceOptions {
  readonly name: string;
  /** Closed together with the service. */
  readonly view: ServiceView<unknown>;
  readonly breaker: CircuitBreaker | undefined;
  readonly connections: { readonly max: number; readonly idleMs: number };
  readonly deadlines: Deadlines;
}

/** How many pools to instances that went away may stand empty before they are swept out. */
const emptyPools = 16;

/** A service as the proxy sees it: its instances, its breaker, and connections to them. */
export class Service implements MetricSource {
  readonly name: string;
  readonly view: ServiceView<unknown>;
  readonly breaker: CircuitBreaker | undefined;
  readonly budget: RetryBudget = new RetryBudget();
  /** Attempts by how they ended, bumped by the proxy. */
  readonly attempts = { success: 0, failure: 0, cancelled: 0 };
  retries = 0;

  readonly #options: ServiceOptions;
  readonly #pools: Map<
    string,
    { instance: Instance<unknown>; pool: UpstreamPool }
  > = new Map();

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.name = options.name;
    this.view = options.view;
    this.breaker = options.breaker;
  }

  /** The connections to `instance`. */
  pool(instance: Instance<unknown>): UpstreamPool {
    const known = this.#pools.get(instance.id);
    if (known !== undefined) {
      if (known.instance === instance) return known.pool;
      const { host, port } = known.instance;
      if (host === instance.host && port === instance.port) {
        known.instance = instance;
        return known.pool;
      }
      // The id moved to another address: what is in flight to the old one ends by itself.
      known.pool.close();
    }
    this.#sweep();
    const pool = new UpstreamPool({
      host: instance.host,
      port: instance.port,
      max: this.#options.connections.max,
      idleMs: this.#options.connections.idleMs,
      deadlines: this.#options.deadlines,
    });
    this.#pools.set(instance.id, { instance, pool });
    return pool;
  }

  /** Stops watching the registry, and closes connections as their answers end. */
  async close(): Promise<void> {
    for (const { pool } of this.#pools.values()) pool.close();
    await this.view[Symbol.asyncDispose]();
  }

  *metrics(): Iterable<MetricFamily> {
    const service = this.name;
    yield {
      name: "dp_gateway_attempts_total",
      help: "Calls made to a service's instances, by how they ended.",
      type: "counter",
      samples: Object.entries(this.attempts).map(([outcome, value]) => ({
        labels: { service, outcome },
        value,
      })),
    };
    yield {
      name: "dp_gateway_retries_total",
      help: "Attempts after the first of a request.",
      type: "counter",
      samples: [{ labels: { service }, value: this.retries }],
    };
    let open = 0;
    for (const { pool } of this.#pools.values()) open += pool.size;
    yield {
      name: "dp_gateway_upstream_connections",
      help: "Open connections to a service's instances, busy and idle.",
      type: "gauge",
      samples: [{ labels: { service }, value: open }],
    };
    yield* this.view.metrics();
    if (this.breaker !== undefined) yield* this.breaker.metrics();
  }

  #sweep(): void {
    let empty = 0;
    for (const { pool } of this.#pools.values()) if (pool.unused) empty++;
    if (empty <= emptyPools) return;
    for (const [id, { pool }] of this.#pools)
      if (pool.unused) this.#pools.delete(id);
  }
}
