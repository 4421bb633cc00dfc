import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireNumber,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
  type Random,
} from "@dp/core";
import type { Balancer } from "./balancers/balancer.ts";
import type { HealthCheck } from "./health/check.ts";
import type { Instance, Metadata } from "./instance.ts";
import type { OutlierDetection } from "./outlier/detection.ts";
import type { InstancePatch, RegistrationSpec } from "./registration.ts";

export interface MemoryRegistryOptions {
  /** @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** Spreads renewals. @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}

export interface HealthTiming {
  /** From the start of one check to the start of the next; above 0. @defaultValue 5s */
  readonly interval?: Duration | undefined;
  /** When a check that has not answered counts as failed; above 0. @defaultValue 1s */
  readonly timeout?: Duration | undefined;
  /** Successes in a row that make an unhealthy instance healthy; at least 1. @defaultValue 2 */
  readonly rise?: number | undefined;
  /** Failures in a row that make a healthy instance unhealthy; at least 1. @defaultValue 3 */
  readonly fall?: number | undefined;
}

export interface HttpHealthOptions extends HealthTiming {
  /** What to get; begins with a slash. @defaultValue /healthz */
  readonly path?: string | undefined;
}

export interface OutlierOptions {
  /** Failures in a row that eject an instance; at least 1, or false for none. @defaultValue 5 */
  readonly consecutive?: number | false | undefined;
  /** How long the first ejection lasts, above 0; the k-th in close succession lasts k times as long. @defaultValue 30s */
  readonly for?: Duration | undefined;
  /** The longest ejection; at least `for`. @defaultValue 300s, or `for` if that is longer */
  readonly maxFor?: Duration | undefined;
  /**
   * The share of serving instances that may be ejected at a time, 0 to 1, rounded down; one may be in any case when
   * there are two or more. @defaultValue 0.1
   */
  readonly maxShare?: number | undefined;
  /** Each such time without ejection forgives one earlier ejection; above 0. @defaultValue 10s */
  readonly interval?: Duration | undefined;
}

export interface RemovalHold {
  /** A snapshot that lacks more than this share of the known instances is held, 0 to 1. @defaultValue 0.5 */
  readonly share?: number | undefined;
  /** How long what it lacks stays in use. @defaultValue 30s */
  readonly grace?: Duration | undefined;
}

export interface DiscoverOptions<M = Metadata> {
  /** Holds state: a balancer that another open view uses is refused. @defaultValue `powerOfTwo()` with this clock and random */
  readonly balancer?: Balancer | undefined;
  /** Active checks of every instance. @defaultValue none: every serving instance counts as healthy */
  readonly health?: HealthCheck<M> | undefined;
  /** Ejection by what leases report. @defaultValue none */
  readonly outlier?: OutlierDetection | undefined;
  /**
   * Whether a snapshot that suddenly lacks many instances is doubted: a registry that lost its memory answers like
   * one whose services are gone. Deltas are never doubted. @defaultValue share 0.5, grace 30s
   */
  readonly holdRemovals?: false | RemovalHold | undefined;
  /**
   * All serving instances are used, whatever their health, when the share of healthy ones is strictly below this,
   * 0 to 1; 0 turns it off. @defaultValue 0.5
   */
  readonly panicThreshold?: number | undefined;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}

/** The least a repeated wait may be: a zero would spin. */
const leastMs = 1;

/** Long enough for a pause of the event loop of a few seconds, short enough to notice a dead process soon. */
const defaultTtlMs = 10_000;

const requireWeight = (value: unknown): number => {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  throw new InvalidOptionError("weight", value, "a finite number above 0");
};

/** Plain objects and arrays, all the way down: what readers share, none may alter. */
const freeze = (value: unknown): void => {
  if (typeof value !== "object" || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return;
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
};

const copyMetadata = <M>(value: M): M => {
  try {
    const copy = structuredClone(value);
    freeze(copy);
    return copy;
  } catch {
    throw new InvalidOptionError(
      "metadata",
      value,
      "something structuredClone can copy",
    );
  }
};

/** The first version of the instance a spec asks for, and its ttl. Throws `InvalidOptionError` for a bad value. */
export const resolveSpec = <M>(
  spec: RegistrationSpec<M>,
): { instance: Instance<M>; ttlMs: number } => {
  const service = requireText("service", spec.service);
  const host = requireText("host", spec.host);
  const port = requireInteger("port", spec.port, 1, 65_535);
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    instance: {
      service,
      id: spec.id === undefined ? address : requireText("id", spec.id),
      host,
      port,
      weight: requireWeight(spec.weight ?? 1),
      priority: requireInteger("priority", spec.priority ?? 0),
      ...(spec.zone !== undefined && { zone: requireText("zone", spec.zone) }),
      state: "serving",
      revision: 0n,
      metadata: copyMetadata(spec.metadata ?? ({} as M)),
    },
    ttlMs: requireDuration("ttl", spec.ttl ?? defaultTtlMs, 1),
  };
};

/** The instance with the patch's given values in place. Throws `InvalidOptionError` for a bad value. */
export const patchInstance = <M>(
  instance: Instance<M>,
  patch: InstancePatch<M>,
): Instance<M> => ({
  ...instance,
  ...(patch.weight !== undefined && { weight: requireWeight(patch.weight) }),
  ...(patch.priority !== undefined && {
    priority: requireInteger("priority", patch.priority),
  }),
  ...(patch.zone !== undefined && { zone: requireText("zone", patch.zone) }),
  ...(patch.metadata !== undefined && {
    metadata: copyMetadata(patch.metadata),
  }),
});

/** Throws `InvalidOptionError` for a bad value. */
export const resolveHealthTiming = (
  options: HealthTiming,
): { intervalMs: number; timeoutMs: number; rise: number; fall: number } => ({
  intervalMs: requireDuration("interval", options.interval ?? "5s", leastMs),
  timeoutMs: requireDuration("timeout", options.timeout ?? "1s", leastMs),
  rise: requireInteger("rise", options.rise ?? 2, 1),
  fall: requireInteger("fall", options.fall ?? 3, 1),
});

/** Throws `InvalidOptionError` for a bad value. */
export const resolveHttpHealth = (
  options: HttpHealthOptions,
): ReturnType<typeof resolveHealthTiming> & { path: string } => {
  const path = options.path ?? "/healthz";
  // The characters a request target may consist of; node:http would throw for others at the first check only.
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw new InvalidOptionError(
      "path",
      path,
      "a slash and printable ASCII characters without spaces",
    );
  return { path, ...resolveHealthTiming(options) };
};

/** Throws `InvalidOptionError` for a bad value. */
export const resolveOutlierOptions = (
  options: OutlierOptions,
): {
  consecutive: number;
  forMs: number;
  maxForMs: number;
  maxShare: number;
  intervalMs: number;
} => {
  const forMs = requireDuration("for", options.for ?? "30s", leastMs);
  return {
    consecutive:
      options.consecutive === false
        ? Infinity
        : requireInteger("consecutive", options.consecutive ?? 5, 1),
    forMs,
    maxForMs: requireDuration(
      "maxFor",
      options.maxFor ?? Math.max(forMs, 300_000),
      forMs,
    ),
    maxShare: requireNumber("maxShare", options.maxShare ?? 0.1, 0, 1),
    intervalMs: requireDuration("interval", options.interval ?? "10s", leastMs),
  };
};

export interface ResolvedDiscoverOptions<M> {
  readonly balancer: Balancer | undefined;
  readonly health: HealthCheck<M> | undefined;
  readonly outlier: OutlierDetection | undefined;
  /** Infinite when nothing is held. */
  readonly holdShare: number;
  readonly holdGraceMs: number;
  readonly panicThreshold: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Throws `InvalidOptionError` for a bad value. */
export const resolveDiscoverOptions = <M>(
  options: DiscoverOptions<M>,
): ResolvedDiscoverOptions<M> => {
  const hold = options.holdRemovals ?? {};
  return {
    balancer: options.balancer,
    health: options.health,
    outlier: options.outlier,
    holdShare:
      hold === false
        ? Infinity
        : requireNumber("holdRemovals.share", hold.share ?? 0.5, 0, 1),
    holdGraceMs:
      hold === false
        ? 0
        : requireDuration("holdRemovals.grace", hold.grace ?? "30s"),
    panicThreshold: requireNumber(
      "panicThreshold",
      options.panicThreshold ?? 0.5,
      0,
      1,
    ),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
};

/** Throws `InvalidOptionError` for a bad value. */
export const requireMinimum = (minimum: number | undefined): number =>
  requireInteger("minimum", minimum ?? 1);
