import { DpError } from "@dp/core";

/**
 * `unknown`: the registry has not answered yet. `empty`: no instance is registered, or all are draining.
 * `unhealthy`: all that serve are unhealthy or ejected, and panic is off. `excluded`: the caller excluded all that are left.
 */
export type NoInstanceReason = "unknown" | "empty" | "unhealthy" | "excluded";

/** Thrown by a pick that finds nobody; nothing was counted. Code `DP_NO_INSTANCE`, retryable. */
export class NoInstanceError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/discovery.NoInstanceError",
  );
  readonly service: string;
  readonly reason: NoInstanceReason;
  /** How old the view's knowledge is; undefined while there is none. */
  readonly ageMs?: number;

  constructor(
    service: string,
    reason: NoInstanceReason,
    detail: string,
    ageMs?: number,
  ) {
    super("DP_NO_INSTANCE", `${service}: ${detail} (${reason})`, {
      retryable: true,
    });
    this.service = service;
    this.reason = reason;
    if (ageMs !== undefined) this.ageMs = ageMs;
  }
}

/** Thrown by whatever was disposed or closed before the call. Code `DP_CLOSED`. */
export class ClosedError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/discovery.ClosedError",
  );

  constructor(what: string) {
    super("DP_CLOSED", `${what} is closed`);
  }
}

/** Rejects writes of a registration whose id a newer one holds; the newer one is untouched. Code `DP_SUPERSEDED`. */
export class SupersededError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/discovery.SupersededError",
  );
  readonly service: string;
  readonly id: string;

  constructor(service: string, id: string) {
    super(
      "DP_SUPERSEDED",
      `a newer registration of ${service} holds the id ${id}`,
    );
    this.service = service;
    this.id = id;
  }
}
