import { durationMs } from "@dp/core";
import { defaultValues } from "./default-values.ts";
import { parseTarget } from "./parse-address.ts";
import type {
  ResolvedAuth,
  ResolvedBreaker,
  ResolvedEject,
  ResolvedHealth,
  ResolvedService,
} from "./resolved.ts";
import type {
  AuthConfig,
  BreakerConfig,
  EjectConfig,
  HealthConfig,
  ServiceConfig,
} from "./types.ts";
import { percentShare } from "./units.ts";

export const resolveService = (
  name: string,
  given: readonly string[] | ServiceConfig,
): ResolvedService => {
  const service = isList(given) ? { targets: given } : given;
  return {
    name,
    targets: (service.targets ?? [])
      .map(parseTarget)
      .filter((target) => typeof target !== "string"),
    discover: service.discover,
    balance: service.balance ?? defaultValues.balance,
    health: service.health && resolveHealth(service.health),
    eject: unlessOff(service.eject, resolveEject),
    breaker: unlessOff(service.breaker, resolveBreaker),
    connections: {
      max: service.connections?.max ?? defaultValues.connections.max,
      idleMs: durationMs(
        service.connections?.idle ?? defaultValues.connections.idle,
      ),
    },
  };
};

const isList = (
  given: readonly string[] | ServiceConfig,
): given is readonly string[] => Array.isArray(given);

/** On with its defaults when nothing is said. */
const unlessOff = <C extends object, R>(
  given: C | boolean | undefined,
  resolve: (config: Partial<C>) => R,
): R | undefined =>
  given === false
    ? undefined
    : resolve(given === true || given === undefined ? {} : given);

const resolveHealth = (health: HealthConfig): ResolvedHealth => {
  const fallback = defaultValues.health;
  return {
    path: health.path,
    intervalMs: durationMs(health.interval ?? fallback.interval),
    timeoutMs: durationMs(health.timeout ?? fallback.timeout),
    rise: health.rise ?? fallback.rise,
    fall: health.fall ?? fallback.fall,
  };
};

const resolveEject = (eject: EjectConfig): ResolvedEject => {
  const fallback = defaultValues.eject;
  return {
    consecutive: eject.consecutive ?? fallback.consecutive,
    forMs: durationMs(eject.for ?? fallback.for),
    maxShare: percentShare(eject.maxShare ?? fallback.maxShare),
  };
};

const resolveBreaker = (breaker: BreakerConfig): ResolvedBreaker => {
  const fallback = defaultValues.breaker;
  return {
    failureRate: percentShare(breaker.failureRate ?? fallback.failureRate),
    windowMs: durationMs(breaker.window ?? fallback.window),
    minimum: breaker.minimum ?? fallback.minimum,
    openForMs: durationMs(breaker.openFor ?? fallback.openFor),
    probes: breaker.probes ?? fallback.probes,
  };
};

export const resolveAuth = (name: string, auth: AuthConfig): ResolvedAuth => ({
  name,
  apiKey: {
    header: (auth.apiKey.header ?? defaultValues.apiKeyHeader).toLowerCase(),
    keys: auth.apiKey.keys.map(({ id, sha256 }) => ({
      id,
      sha256: sha256.toLowerCase(),
    })),
  },
  forward: Object.entries(auth.forward ?? {}).map(([header, value]) => ({
    header: header.toLowerCase(),
    value,
  })),
});
