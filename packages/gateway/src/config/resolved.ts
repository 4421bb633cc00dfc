import type { RouteConditions } from "../routing/route.ts";
import type { BalanceName } from "./types.ts";

/** A configuration with every default filled in and every unit resolved: milliseconds, bytes, shares from 0 to 1. */
export interface ResolvedConfig {
  readonly listen: {
    readonly http: ListenAddress;
    readonly admin: ListenAddress | undefined;
  };
  readonly trust: readonly Cidr[];
  readonly services: ReadonlyMap<string, ResolvedService>;
  readonly auth: ReadonlyMap<string, ResolvedAuth>;
  /** In the order of the file. */
  readonly routes: readonly ResolvedRoute[];
  readonly clients: {
    readonly headerMs: number;
    readonly writeMs: number;
    readonly idleMs: number;
  };
  readonly drain: { readonly graceMs: number; readonly withinMs: number };
  readonly log: {
    readonly access: boolean;
    readonly level: "error" | "warn" | "info" | "debug";
  };
  readonly modules: readonly string[];
}

/** As `net.Server.listen` takes it; without a host it listens on every address. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

export interface Cidr {
  /** `10.0.0.0/8` */
  readonly text: string;
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

export interface ResolvedService {
  readonly name: string;
  /** Fixed instances; empty when `discover` is set (or when the file says so). */
  readonly targets: readonly Target[];
  readonly discover: string | undefined;
  readonly balance: BalanceName;
  readonly health: ResolvedHealth | undefined;
  readonly eject: ResolvedEject | undefined;
  readonly breaker: ResolvedBreaker | undefined;
  readonly connections: { readonly max: number; readonly idleMs: number };
}

/** One instance of a service; `id` is `host:port`. An IPv6 `host` has no brackets, its id has. */
export interface Target {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

export interface ResolvedHealth {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
}

export interface ResolvedEject {
  readonly consecutive: number;
  readonly forMs: number;
  readonly maxShare: number;
}

export interface ResolvedBreaker {
  readonly failureRate: number;
  readonly windowMs: number;
  readonly minimum: number;
  readonly openForMs: number;
  readonly probes: number;
}

export interface ResolvedAuth {
  readonly name: string;
  readonly apiKey: {
    /** Lower-case. */
    readonly header: string;
    /** Digests as 64 lower-case hex digits. */
    readonly keys: readonly { readonly id: string; readonly sha256: string }[];
  };
  /** Lower-case field names and what they carry. */
  readonly forward: readonly {
    readonly header: string;
    readonly value: "id";
  }[];
}

export interface ResolvedRoute {
  /** How logs, metrics and `explain` call it: `GET api.example.com/orders/:id`. */
  readonly name: string;
  /** Place in the file, from 0. */
  readonly index: number;
  readonly match: RouteConditions;
  /** At least one weight is above 0; a single service has weight 1. */
  readonly to: readonly { readonly service: string; readonly weight: number }[];
  readonly auth: string | undefined;
  readonly limit: ResolvedLimit | undefined;
  readonly timeout: ResolvedTimeout;
  readonly retry: ResolvedRetry;
  readonly bodyMaxBytes: number;
  /** Those of `defaults` first. */
  readonly use: readonly ResolvedUse[];
}

export interface ResolvedUse {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ResolvedLimit {
  readonly limit: number;
  readonly perMs: number;
  readonly burst: number;
  readonly by: ResolvedLimitKey;
}

export type ResolvedLimitKey =
  | { readonly kind: "ip" | "auth.id" | "route" | "global" }
  | { readonly kind: "header"; readonly header: string };

/** `connectMs` <= `attemptMs` <= `totalMs`: the shorter limit of an outer one holds. */
export interface ResolvedTimeout {
  readonly totalMs: number;
  readonly attemptMs: number;
  readonly connectMs: number;
  readonly idleMs: number;
}

export interface ResolvedRetry {
  /** Total calls. */
  readonly attempts: number;
  readonly onConnect: boolean;
  readonly onReset: boolean;
  readonly onTimeout: boolean;
  readonly onStatus: readonly number[];
  readonly budget: number;
  readonly backoffMs: number;
}
