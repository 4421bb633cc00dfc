import { durationMs } from "@dp/core";
import { ConfigError } from "../errors.ts";
import { describeRoute } from "../routing/route.ts";
import { checkConfig } from "./check.ts";
import { resolveUses, type MiddlewareSchema } from "./check-middleware.ts";
import { defaultValues } from "./default-values.ts";
import { toProblems } from "./finding.ts";
import { parseCidr, parseListenAddress } from "./parse-address.ts";
import { resolveConditions } from "./resolve-conditions.ts";
import {
  resolveBodyMax,
  resolveLimit,
  resolveRetry,
  resolveTimeout,
} from "./resolve-policies.ts";
import { resolveAuth, resolveService } from "./resolve-service.ts";
import type {
  ListenAddress,
  ResolvedConfig,
  ResolvedRoute,
} from "./resolved.ts";
import type { DefaultsConfig, GatewayConfig, RouteConfig } from "./types.ts";

export interface ResolveOptions {
  /** The middlewares that `use` may name. @defaultValue none */
  readonly middleware?: readonly MiddlewareSchema[] | undefined;
}

/**
 * The configuration with every default filled in and every unit resolved. Throws {@link ConfigError} with every
 * problem there is, also when `config` came from JSON and is no {@link GatewayConfig} at all.
 */
export const resolveConfig = (
  config: GatewayConfig,
  options: ResolveOptions = {},
): ResolvedConfig => {
  const middleware = options.middleware ?? [];
  const findings = checkConfig(config, middleware);
  if (findings.length > 0) throw new ConfigError(toProblems(findings));
  return resolveChecked(config, middleware);
};

/** The same for a configuration in which `checkConfig` found nothing. */
export const resolveChecked = (
  config: GatewayConfig,
  middleware: readonly MiddlewareSchema[],
): ResolvedConfig => {
  const { listen, clients, drain, log } = config;
  const fallback = defaultValues;
  return {
    listen: {
      http: listenAddress(listen?.http ?? fallback.listen.http, undefined),
      admin:
        listen?.admin === undefined
          ? undefined
          : listenAddress(listen.admin, "127.0.0.1"),
    },
    trust: (config.trust ?? [])
      .map(parseCidr)
      .filter((cidr) => typeof cidr !== "string"),
    services: new Map(
      Object.entries(config.services ?? {}).map(([name, service]) => [
        name,
        resolveService(name, service),
      ]),
    ),
    auth: new Map(
      Object.entries(config.auth ?? {}).map(([name, auth]) => [
        name,
        resolveAuth(name, auth),
      ]),
    ),
    routes: (config.routes ?? []).map((route, index) =>
      resolveRoute(route, index, config.defaults, middleware),
    ),
    clients: {
      headerMs: durationMs(clients?.header ?? fallback.clients.header),
      writeMs: durationMs(clients?.write ?? fallback.clients.write),
      idleMs: durationMs(clients?.idle ?? fallback.clients.idle),
    },
    drain: {
      graceMs: durationMs(drain?.grace ?? fallback.drain.grace),
      withinMs: durationMs(drain?.within ?? fallback.drain.within),
    },
    log: {
      access: log?.access ?? fallback.log.access,
      level: log?.level ?? fallback.log.level,
    },
    modules: config.modules ?? [],
  };
};

const listenAddress = (
  value: string | number,
  hostOfPort: string | undefined,
): ListenAddress => {
  const address = parseListenAddress(value, hostOfPort);
  // The check has refused it already; the type does not know.
  if (typeof address === "string") throw new TypeError(address);
  return address;
};

const resolveRoute = (
  route: RouteConfig,
  index: number,
  shared: DefaultsConfig | undefined,
  middleware: readonly MiddlewareSchema[],
): ResolvedRoute => {
  const match = resolveConditions(route);
  return {
    name: describeRoute(match),
    index,
    match,
    to:
      typeof route.to === "string"
        ? [{ service: route.to, weight: 1 }]
        : Object.entries(route.to).map(([service, weight]) => ({
            service,
            weight,
          })),
    auth: route.auth,
    limit: route.limit && resolveLimit(route.limit),
    timeout: resolveTimeout(route.timeout, shared?.timeout),
    retry: resolveRetry(route.retry, shared?.retry),
    bodyMaxBytes: resolveBodyMax(route.body, shared?.body),
    use: resolveUses(
      [...(shared?.use ?? []), ...(route.use ?? [])],
      middleware,
    ),
  };
};
