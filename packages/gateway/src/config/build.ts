import type { Clock, Random } from "@dp/core";
import { breaker, failureRate } from "@dp/breaker";
import {
  type Balancer,
  discover,
  healthCheck,
  leastRequest,
  memoryRegistry,
  outlierDetection,
  powerOfTwo,
  random as randomBalancer,
  type Registry,
  roundRobin,
} from "@dp/discovery";
import type { MemoryStore } from "@dp/ratelimit";
import type { Deadlines } from "../deadlines.ts";
import { createClientAddresses } from "../forwarding/client-address.ts";
import { BuiltGeneration } from "../generation.ts";
import { apiKey } from "../middleware/api-key.ts";
import type { Guard } from "../middleware/guard.ts";
import { limit } from "../middleware/limit.ts";
import type { MiddlewareDefinition } from "../middleware/middleware.ts";
import type { BuiltRoute } from "../proxy/runtime.ts";
import { RouteStats } from "../route-stats.ts";
import { createRouteTable } from "../routing/route-table.ts";
import { Service } from "../service.ts";
import type {
  ResolvedConfig,
  ResolvedRoute,
  ResolvedService,
} from "./resolved.ts";
import type { BalanceName } from "./types.ts";

/** What a generation is built from besides its configuration. All of it outlives the generation. */
export interface BuildParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly deadlines: Deadlines;
  readonly registry: Registry<unknown>;
  /** Where limits of a scope are counted; the same store for the same scope. */
  readonly storeFor: (scope: string) => MemoryStore;
  readonly definitions: ReadonlyMap<string, MiddlewareDefinition>;
}

/**
 * Builds what a resolved configuration describes. Services and routes that `previous` has just the same are taken over
 * with all they know: breakers, connections, counts. Resolves when the registry has answered for every new service;
 * on failure what was built is closed again.
 */
export const buildGeneration = async (
  config: ResolvedConfig,
  parts: BuildParts,
  previous: BuiltGeneration | undefined,
): Promise<BuiltGeneration> => {
  const services = new Map<string, Service>();
  const fresh: Service[] = [];
  try {
    for (const [name, options] of config.services) {
      const kept = sameService(options, previous);
      const service = kept ?? (await buildService(options, parts));
      if (kept === undefined) fresh.push(service);
      services.set(name, service);
    }
    const routes = config.routes.map((route) => ({
      ...route.match,
      value: buildRoute(route, config, services, parts, previous),
    }));
    return new BuiltGeneration({
      config,
      services,
      routes: routes.map((route) => route.value),
      table: createRouteTable(routes),
      addresses: createClientAddresses(config.trust),
      identityFields: identityFields(config),
    });
  } catch (error) {
    await Promise.all(fresh.map((service) => service.close()));
    throw error;
  }
};

const sameService = (
  options: ResolvedService,
  previous: BuiltGeneration | undefined,
): Service | undefined => {
  const before = previous?.config.services.get(options.name);
  return before !== undefined &&
    JSON.stringify(before) === JSON.stringify(options)
    ? previous?.services.get(options.name)
    : undefined;
};

const balancers: Record<
  BalanceName,
  (options: { clock: Clock; random: Random }) => Balancer
> = {
  "power-of-two": powerOfTwo,
  "round-robin": roundRobin,
  random: randomBalancer,
  "least-request": leastRequest,
};

const buildService = async (
  options: ResolvedService,
  parts: BuildParts,
): Promise<Service> => {
  const { name, health, eject, connections } = options;
  const { clock, random, deadlines } = parts;
  const registry =
    options.discover === undefined
      ? await fixedRegistry(options, clock, random)
      : parts.registry;
  const view = discover(registry, options.discover ?? name, {
    balancer: balancers[options.balance]({ clock, random }),
    health:
      health &&
      healthCheck.http({
        path: health.path,
        interval: health.intervalMs,
        timeout: health.timeoutMs,
        rise: health.rise,
        fall: health.fall,
      }),
    outlier:
      eject &&
      outlierDetection({
        consecutive: eject.consecutive,
        for: eject.forMs,
        maxShare: eject.maxShare,
      }),
    clock,
    random,
  });
  const service = new Service({
    name,
    view,
    breaker:
      options.breaker &&
      breaker({
        name,
        trip: failureRate(options.breaker.failureRate, {
          window: options.breaker.windowMs,
          minimum: options.breaker.minimum,
        }),
        openFor: options.breaker.openForMs,
        probes: options.breaker.probes,
        clock,
        random,
      }),
    connections,
    deadlines,
  });
  try {
    await view.refresh();
  } catch (error) {
    await service.close();
    throw error;
  }
  return service;
};

/** Targets of the file are instances that never expire. */
const fixedRegistry = async (
  options: ResolvedService,
  clock: Clock,
  random: Random,
): Promise<Registry<unknown>> => {
  const registry = memoryRegistry({ clock, random });
  for (const { id, host, port } of options.targets)
    await registry.register({
      service: options.name,
      id,
      host,
      port,
      ttl: Infinity,
    });
  return registry;
};

const buildRoute = (
  route: ResolvedRoute,
  config: ResolvedConfig,
  services: ReadonlyMap<string, Service>,
  parts: BuildParts,
  previous: BuiltGeneration | undefined,
): BuiltRoute => {
  const guards: Guard[] = [];
  const auth =
    route.auth === undefined ? undefined : config.auth.get(route.auth);
  if (auth !== undefined) guards.push(apiKey(auth));
  if (route.limit !== undefined) {
    const scope = route.limit.by.kind === "global" ? "global" : route.name;
    guards.push(limit(route.limit, scope, parts.storeFor(scope), parts.clock));
  }
  const choices = route.to.map(({ service, weight }) => ({
    service: services.get(service) as Service,
    weight,
  }));
  return {
    name: route.name,
    stats:
      previous?.routes.find((each) => each.name === route.name)?.stats ??
      new RouteStats(route.name),
    guards,
    middlewares: route.use.map(({ name, options }) =>
      (parts.definitions.get(name) as MiddlewareDefinition).create(options),
    ),
    timeout: route.timeout,
    retry: route.retry,
    bodyMaxBytes: route.bodyMaxBytes,
    service: weightedChoice(choices),
  };
};

const weightedChoice = (
  choices: readonly { service: Service; weight: number }[],
): BuiltRoute["service"] => {
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return () => only.service;
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  return (random) => {
    let point = random() * total;
    // The last of positive weight stands for a point that rounding pushed to the very end.
    let chosen = only as { service: Service };
    for (const choice of choices) {
      if (choice.weight === 0) continue;
      chosen = choice;
      point -= choice.weight;
      if (point < 0) break;
    }
    return chosen.service;
  };
};

/** Fields by which upstreams are told who a client is: no client may send them itself, on any route. */
const identityFields = (config: ResolvedConfig): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { forward } of config.auth.values())
    for (const { header } of forward) names.add(header);
  return names;
};
