import {
  type Clock,
  DpError,
  type Duration,
  durationMs,
  type MetricFamily,
  type MetricSource,
  type Random,
  systemClock,
  systemRandom,
} from "@dp/core";
import { memoryRegistry, type Registry } from "@dp/discovery";
import type { MemoryStore } from "@dp/ratelimit";
import { accessLine } from "./access-log.ts";
import { AdminServer } from "./admin/admin-server.ts";
import { adminPages } from "./admin/pages.ts";
import { type BuildParts, buildGeneration } from "./config/build.ts";
import { type ConfigDiff, diffConfigs } from "./config/diff.ts";
import {
  type ExplainedRequest,
  explainRequest,
  type Explanation,
} from "./config/explain.ts";
import { resolveConfig } from "./config/resolve.ts";
import type { ResolvedConfig } from "./config/resolved.ts";
import type { GatewayConfig } from "./config/types.ts";
import { Deadlines } from "./deadlines.ts";
import { ConfigError } from "./errors.ts";
import { GatewayMetrics } from "./gateway-metrics.ts";
import type { BuiltGeneration } from "./generation.ts";
import { httpDate } from "./http-date.ts";
import { createIdentifiers } from "./identifiers.ts";
import { createLimitStores } from "./limit-stores.ts";
import { createLineBatch, type LineBatch } from "./line-batch.ts";
import { Listener } from "./listener.ts";
import type { MiddlewareDefinition } from "./middleware/middleware.ts";
import { Dispatcher } from "./proxy/dispatcher.ts";
import type { Runtime } from "./proxy/runtime.ts";
import { RouteStats } from "./route-stats.ts";

/** Where a listener listens: what `net.Server.address()` gives. */
export interface BoundAddress {
  readonly address: string;
  readonly family: string;
  readonly port: number;
}

export interface GatewayOptions {
  /** Where services with `discover` find their instances. @defaultValue an empty memory registry */
  readonly registry?: Registry<unknown> | undefined;
  /** Where all limits are counted. @defaultValue a memory store for each route, so that a flood on one fills no other's */
  readonly store?: MemoryStore | undefined;
  /** Middlewares that the configuration may name in `use`. */
  readonly middleware?: readonly MiddlewareDefinition[] | undefined;
  /** @defaultValue the machine's */
  readonly clock?: Clock | undefined;
  /** @defaultValue the machine's */
  readonly random?: Random | undefined;
  /** Gets each line of the access log. @defaultValue standard output, in batches */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running gateway. Made by {@link createGateway}. */
export interface Gateway extends AsyncDisposable, MetricSource {
  /** Starts to serve. Rejects with the system's error if an address cannot be had; then nothing listens. */
  listen(): Promise<{ http?: BoundAddress; admin?: BoundAddress }>;
  /**
   * Goes over to another configuration: requests that have begun end under the old one, services and routes that did
   * not change keep their state. Calls are carried out one after another. Rejects with {@link ConfigError} and changes
   * nothing if it is refused; `listen` cannot change.
   */
  apply(config: GatewayConfig): Promise<ConfigDiff>;
  /** Which route a request would take and why not another; nothing is sent. For people: O(routes). */
  explain(request: ExplainedRequest): Explanation;
  /**
   * Stops in order: not ready for `drain.grace`, then no new connections, every request in hand is answered, and
   * connections end. After `within` (by default `drain.within` of the configuration) what is left is cut.
   */
  drain(options?: { within?: Duration | undefined }): Promise<void>;
  /** Stops at once: what is in hand is cut. */
  close(): Promise<void>;
}

/**
 * A gateway for this configuration, ready to {@link Gateway.listen}. Throws {@link ConfigError} with every problem of
 * the configuration; then nothing was started.
 */
export const createGateway = async (
  config: GatewayConfig,
  options: GatewayOptions = {},
): Promise<Gateway> => {
  const { clock = systemClock, random = systemRandom } = options;
  const definitions = new Map(
    (options.middleware ?? []).map((each) => [each.name, each]),
  );
  const parts: BuildParts = {
    clock,
    random,
    deadlines: new Deadlines(clock),
    registry: options.registry ?? memoryRegistry({ clock, random }),
    storeFor: createLimitStores(options.store),
    definitions,
  };
  const resolved = resolveConfig(config, {
    middleware: [...definitions.values()],
  });
  const generation = await buildGeneration(resolved, parts, undefined);
  return new RunningGateway(parts, generation, options.log);
};

class RunningGateway implements Gateway {
  readonly #parts: BuildParts;
  readonly #listener: Listener;
  readonly #admin: AdminServer;
  readonly #metrics: GatewayMetrics;
  readonly #lines: LineBatch | undefined;
  #generation: BuiltGeneration;
  #state: "starting" | "serving" | "draining" | "closed" = "starting";
  #applying: Promise<unknown> = Promise.resolve();
  #retiring: Promise<void> = Promise.resolve();

  constructor(
    parts: BuildParts,
    generation: BuiltGeneration,
    log: ((line: string) => void) | undefined,
  ) {
    const { clock, random } = parts;
    this.#parts = parts;
    this.#generation = generation;
    this.#lines =
      log === undefined
        ? createLineBatch(clock, (lines) => void process.stdout.write(lines))
        : undefined;
    const identifiers = createIdentifiers(random);
    const unrouted = new RouteStats("");
    const writeLine = log ?? ((line: string) => this.#lines?.add(line));
    const isDraining = (): boolean => this.#state === "draining";
    const isLogging = (): boolean => this.#generation.config.log.access;
    const runtime: Runtime = {
      clock,
      random,
      identifiers,
      pseudonym: `dp-${identifiers.origin}`,
      date: httpDate(clock),
      unrouted,
      get log() {
        return isLogging() ? write : undefined;
      },
      get draining() {
        return isDraining();
      },
    };
    const write = (entry: Parameters<typeof accessLine>[1]): void =>
      writeLine(accessLine(clock, entry));
    const dispatcher = new Dispatcher({
      runtime,
      current: () => this.#generation,
    });
    this.#listener = new Listener(dispatcher, parts.deadlines, (address) =>
      this.#generation.addresses.trusts(address),
    );
    this.#metrics = new GatewayMetrics(
      this.#listener,
      () => this.#generation,
      unrouted,
    );
    this.#admin = new AdminServer(
      adminPages({
        sources: () => [this],
        services: () => this.#generation.services.values(),
        unready: () => (this.#state === "serving" ? undefined : this.#state),
      }),
    );
  }

  async listen(): Promise<{ http?: BoundAddress; admin?: BoundAddress }> {
    this.#requireOpen();
    const { http, admin } = this.#generation.config.listen;
    const adminAddress = admin && (await this.#admin.listen(admin));
    try {
      const httpAddress = await this.#listener.listen(http);
      this.#state = "serving";
      return {
        http: httpAddress,
        ...(adminAddress !== undefined && { admin: adminAddress }),
      };
    } catch (error) {
      await this.#admin.close();
      throw error;
    }
  }

  apply(config: GatewayConfig): Promise<ConfigDiff> {
    const applied = this.#applying.then(() => this.#apply(config));
    // A refused configuration must not keep later ones from being tried.
    this.#applying = applied.catch(() => undefined);
    return applied;
  }

  explain(request: ExplainedRequest): Explanation {
    return explainRequest(this.#generation.config, request);
  }

  async #apply(config: GatewayConfig): Promise<ConfigDiff> {
    this.#requireOpen();
    const before = this.#generation;
    const resolved = resolveConfig(config, {
      middleware: [...this.#parts.definitions.values()],
    });
    requireSameListen(before.config, resolved);
    const next = await buildGeneration(resolved, this.#parts, before);
    this.#generation = next;
    this.#retiring = this.#retiring.then(() => before.retire(next));
    return diffConfigs(before.config, resolved);
  }

  metrics(): Iterable<MetricFamily> {
    return this.#metrics.metrics();
  }

  async drain(options: { within?: Duration | undefined } = {}): Promise<void> {
    const { graceMs, withinMs } = this.#generation.config.drain;
    const within =
      options.within === undefined
        ? withinMs
        : durationMs(options.within, "within");
    this.#state = "draining";
    if (graceMs > 0) await this.#parts.clock.sleep(graceMs);
    await this.#listener.drain(within);
    await this.#end();
  }

  async close(): Promise<void> {
    this.#state = "closed";
    await this.#listener.close();
    await this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What is built after the end would never be closed. */
  #requireOpen(): void {
    if (this.#state === "closed")
      throw new DpError("DP_CLOSED", "the gateway is closed");
  }

  async #end(): Promise<void> {
    this.#state = "closed";
    await this.#applying;
    await this.#retiring;
    await this.#generation.retire(undefined);
    await this.#admin.close();
    this.#lines?.flush();
  }
}

const requireSameListen = (
  before: ResolvedConfig,
  after: ResolvedConfig,
): void => {
  if (JSON.stringify(before.listen) === JSON.stringify(after.listen)) return;
  throw new ConfigError([
    {
      path: "listen",
      message:
        "cannot change while the gateway runs: start a new one on the new address",
    },
  ]);
};
