import type { Duration } from "@dp/core";

/** How many in how long: `100/s`, `600/m`. Whole numbers of at least 1. */
export type Rate = `${number}/${"s" | "m" | "h" | "d"}`;

/** Bytes, or a number with a unit: `65536`, `64kb`, `10mb`. A kb is 1024 bytes. */
export type Size = number | `${number}${"b" | "kb" | "mb" | "gb"}`;

/** A share of a whole: `20%`. */
export type Percent = `${number}%`;

/**
 * What a gateway does, as written in the file or handed to `createGateway`. Keys that are not here are refused.
 * The defaults are those of `resolveConfig`.
 */
export interface GatewayConfig {
  /** Where an editor finds the schema; ignored. */
  readonly $schema?: string | undefined;
  readonly listen?: ListenConfig | undefined;
  /** CIDRs (or single addresses) whose X-Forwarded-* fields and request ids are believed. @defaultValue nobody */
  readonly trust?: readonly string[] | undefined;
  /** Where `discover` looks for instances. @defaultValue 'memory' */
  readonly registry?: "memory" | undefined;
  /** Where limits are counted. @defaultValue 'memory' */
  readonly store?: "memory" | undefined;
  /** By name: the services routes lead to. A list of URLs is short for `{ targets: [...] }`. */
  readonly services?:
    Readonly<Record<string, readonly string[] | ServiceConfig>> | undefined;
  /** By name: the ways a client can prove who it is. */
  readonly auth?: Readonly<Record<string, AuthConfig>> | undefined;
  readonly defaults?: DefaultsConfig | undefined;
  readonly routes?: readonly RouteConfig[] | undefined;
  readonly clients?: ClientsConfig | undefined;
  readonly drain?: DrainConfig | undefined;
  readonly log?: LogConfig | undefined;
  /** ES modules that export middleware definitions, relative to the file; loaded by the command line only. */
  readonly modules?: readonly string[] | undefined;
}

/** Each address is `host:port`, `[v6]:port`, or a port alone; port 0 takes a free one. */
export interface ListenConfig {
  /** For clients; a port alone listens on every address. @defaultValue '127.0.0.1:8080' */
  readonly http?: string | number | undefined;
  /** For operators; a port alone listens on loopback. @defaultValue no admin listener */
  readonly admin?: string | number | undefined;
}

export interface ServiceConfig {
  /** `http://host:port` of each instance. An empty list is legal and answers 503. */
  readonly targets?: readonly string[] | undefined;
  /** The service's name in the registry, in place of `targets`. */
  readonly discover?: string | undefined;
  /** @defaultValue 'power-of-two' */
  readonly balance?: BalanceName | undefined;
  /** Active checks. @defaultValue none */
  readonly health?: HealthConfig | undefined;
  /** Ejection of an instance that keeps failing; `false` turns it off. @defaultValue on */
  readonly eject?: EjectConfig | boolean | undefined;
  /** The breaker around the whole service; `false` turns it off. @defaultValue on */
  readonly breaker?: BreakerConfig | boolean | undefined;
  readonly connections?: ConnectionsConfig | undefined;
}

/** How an instance is picked: the balancers of @dp/discovery by their kebab-case names. */
export type BalanceName =
  "power-of-two" | "round-robin" | "random" | "least-request";

export interface HealthConfig {
  /** Path that answers 2xx on a healthy instance. */
  readonly path: string;
  /** @defaultValue '2s' */
  readonly interval?: Duration | undefined;
  /** @defaultValue '500ms' */
  readonly timeout?: Duration | undefined;
  /** Good answers in a row that readmit an instance. @defaultValue 2 */
  readonly rise?: number | undefined;
  /** Bad answers in a row that take it out. @defaultValue 3 */
  readonly fall?: number | undefined;
}

export interface EjectConfig {
  /** Failed attempts in a row. @defaultValue 5 */
  readonly consecutive?: number | undefined;
  /** How long the first ejection lasts. @defaultValue '30s' */
  readonly for?: Duration | undefined;
  /** Share of the instances that may be out at once. @defaultValue '50%' */
  readonly maxShare?: Percent | undefined;
}

export interface BreakerConfig {
  /** Opens at this share of failed attempts in the window. @defaultValue '50%' */
  readonly failureRate?: Percent | undefined;
  /** @defaultValue '10s' */
  readonly window?: Duration | undefined;
  /** Attempts in the window before the share counts. @defaultValue 20 */
  readonly minimum?: number | undefined;
  /** @defaultValue '5s' */
  readonly openFor?: Duration | undefined;
  /** Attempts let through at once after that; all must pass. @defaultValue 1 */
  readonly probes?: number | undefined;
}

export interface ConnectionsConfig {
  /** Open connections to one instance. @defaultValue 256 */
  readonly max?: number | undefined;
  /** An unused connection is closed after this. @defaultValue '30s' */
  readonly idle?: Duration | undefined;
}

export interface AuthConfig {
  readonly apiKey: ApiKeyConfig;
  /**
   * Fields set on the forwarded request: name to what they carry. These names, and the same with `_` for `-`, are
   * dropped from every client on every route.
   */
  readonly forward?: Readonly<Record<string, "id">> | undefined;
}

export interface ApiKeyConfig {
  /** The field that carries the key. @defaultValue 'x-api-key' */
  readonly header?: string | undefined;
  readonly keys: readonly { readonly id: string; readonly sha256: string }[];
}

/** What every route has unless it says otherwise. */
export interface DefaultsConfig {
  readonly timeout?: TimeoutConfig | undefined;
  readonly retry?: RetryConfig | undefined;
  readonly body?: BodyConfig | undefined;
  /** Run before the route's own. */
  readonly use?: readonly UseConfig[] | undefined;
}

export interface TimeoutConfig {
  /** From the request's head to the response's end. @defaultValue '10s' */
  readonly total?: Duration | undefined;
  /** One attempt, to the response's head. @defaultValue '3s' */
  readonly attempt?: Duration | undefined;
  /** Opening a connection to an instance. @defaultValue '1s' */
  readonly connect?: Duration | undefined;
  /** No byte moved in either direction. @defaultValue '60s' */
  readonly idle?: Duration | undefined;
}

export interface RetryConfig {
  /** Total calls; 1 turns retries off. @defaultValue 2 */
  readonly attempts?: number | undefined;
  /** What is tried again, if the request may be sent twice. @defaultValue ['connect', 'reset', 503] */
  readonly on?: readonly RetryReason[] | undefined;
  /** Retries as a share of the service's calls in 10 s (at least 3 are allowed). @defaultValue '20%' */
  readonly budget?: Percent | undefined;
  /**
   * Upper bound of the random wait before an instance is asked again; doubles with each attempt. One not tried yet is
   * asked at once. @defaultValue '25ms'
   */
  readonly backoff?: Duration | undefined;
}

/** `connect`: no connection; `reset`: it broke before the response's head; `timeout`: the attempt's time ran out. */
export type RetryReason = "connect" | "reset" | "timeout" | number;

export interface BodyConfig {
  /** Of a request; beyond it 413. @defaultValue '10mb' */
  readonly max?: Size | undefined;
}

/** One middleware with its options, as `{ name: { … } }`. */
export type UseConfig = Readonly<
  Record<string, Readonly<Record<string, unknown>>>
>;

export interface RouteConfig {
  /** `/a` exact, `/a/**` and what is below, `/a/:id` one segment, `~^regex$`. */
  readonly path: string;
  /** `a.example.com`, or `*.example.com` for every name below. @defaultValue every host */
  readonly host?: string | undefined;
  /** @defaultValue every method */
  readonly methods?: readonly string[] | undefined;
  /** All must hold, letter for letter. */
  readonly match?:
    | {
        readonly headers?: Readonly<Record<string, string>> | undefined;
        readonly query?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  /** A service, or several with their weights. */
  readonly to: string | Readonly<Record<string, number>>;
  /** A name under `auth`. @defaultValue open to everyone */
  readonly auth?: string | undefined;
  readonly limit?: LimitConfig | undefined;
  readonly timeout?: TimeoutConfig | undefined;
  readonly retry?: RetryConfig | undefined;
  readonly body?: BodyConfig | undefined;
  /** Run after those of `defaults`. */
  readonly use?: readonly UseConfig[] | undefined;
}

export interface LimitConfig {
  readonly rate: Rate;
  /** Requests at once from a full bucket. @defaultValue the rate's number */
  readonly burst?: number | undefined;
  /** @defaultValue 'ip' */
  readonly by?: LimitKey | undefined;
}

/**
 * What has a bucket of its own: for each route a client address (an IPv6 network of 64 bits), a header's value, an API
 * key's id, or the route itself; or, for `global`, all routes together, which then must name the same rate and burst.
 */
export type LimitKey =
  "ip" | `header:${string}` | "auth.id" | "route" | "global";

export interface ClientsConfig {
  /** The whole head of a request, from its first byte. @defaultValue '10s' */
  readonly header?: Duration | undefined;
  /** A client that takes no byte of a response that waits. @defaultValue '30s' */
  readonly write?: Duration | undefined;
  /** A kept connection between two requests. @defaultValue '60s' */
  readonly idle?: Duration | undefined;
}

export interface DrainConfig {
  /** New connections are still taken for this long while `/readyz` says no. @defaultValue '0s' */
  readonly grace?: Duration | undefined;
  /** What is still running after this is cut. @defaultValue '30s' */
  readonly within?: Duration | undefined;
}

export interface LogConfig {
  /** One JSON line a request on stdout. @defaultValue true */
  readonly access?: boolean | undefined;
  /** @defaultValue 'info' */
  readonly level?: "error" | "warn" | "info" | "debug" | undefined;
}
