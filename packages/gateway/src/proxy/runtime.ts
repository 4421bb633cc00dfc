import type { Clock, Random } from "@dp/core";
import type { AccessEntry } from "../access-log.ts";
import type { ResolvedRetry, ResolvedTimeout } from "../config/resolved.ts";
import type { ClientAddresses } from "../forwarding/client-address.ts";
import type { Identifiers } from "../identifiers.ts";
import type { Middleware } from "../middleware/middleware.ts";
import type { Guard } from "../middleware/guard.ts";
import type { RouteStats } from "../route-stats.ts";
import type { RouteMatch, RequestFields } from "../routing/route.ts";
import type { Service } from "../service.ts";

/** What all requests of a gateway share. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly identifiers: Identifiers;
  /** This gateway's name in Via and Proxy-Status. */
  readonly pseudonym: string;
  readonly date: () => string;
  readonly log: ((entry: AccessEntry) => void) | undefined;
  /** Requests that match no route, and bytes that are no request. */
  readonly unrouted: RouteStats;
  readonly draining: boolean;
}

/** A route, built and ready to serve. */
export interface BuiltRoute {
  readonly name: string;
  readonly stats: RouteStats;
  /** Asked in order; the first refusal is the answer. */
  readonly guards: readonly Guard[];
  readonly middlewares: readonly Middleware[];
  readonly timeout: ResolvedTimeout;
  readonly retry: ResolvedRetry;
  readonly bodyMaxBytes: number;
  /** The service for a request; `random` decides by weight. */
  service(random: Random): Service;
}

/** One immutable build of the configuration: a request sees the same one from its first byte to its last. */
export interface Generation {
  readonly clients: {
    readonly headerMs: number;
    readonly idleMs: number;
    readonly writeMs: number;
  };
  /** Lower-case names of fields that only the gateway may set. */
  readonly identityFields: ReadonlySet<string>;
  /** Who is behind a connection, as far as this configuration trusts its peer. */
  readonly addresses: ClientAddresses;
  /** A request has begun, is over: a generation is taken down when it is not current and none is left. */
  enter(): void;
  leave(): void;
  match(
    host: string,
    path: string,
    method: string,
    fields: RequestFields,
  ): RouteMatch<BuiltRoute>;
}
