import { DpError, durationMs, type Duration } from "@dp/core";

/**
 * Thrown by a step: it will never succeed, and it surely had **no effect**. The one failure after which the step itself
 * is not compensated (unless an earlier attempt may have had an effect). Code `DP_SAGA_REJECTED`.
 */
export class Rejected extends DpError {
  static override readonly brand: symbol = Symbol.for("@dp/saga.Rejected");

  constructor(
    message: string = "the step was rejected",
    options?: ErrorOptions,
  ) {
    super("DP_SAGA_REJECTED", message, options);
  }
}

/**
 * Thrown by a step: it will never succeed, but it may have had an effect, so it is compensated. Code `DP_SAGA_FATAL`.
 */
export class Fatal extends DpError {
  static override readonly brand: symbol = Symbol.for("@dp/saga.Fatal");

  constructor(
    message: string = "the step failed for good",
    options?: ErrorOptions,
  ) {
    super("DP_SAGA_FATAL", message, options);
  }
}

/**
 * Thrown by a step: try again, and this call surely had **no effect** (connection refused, 429, an open breaker). Code
 * `DP_SAGA_NOT_DONE`.
 */
export class NotDone extends DpError {
  static override readonly brand: symbol = Symbol.for("@dp/saga.NotDone");
  /** The next attempt does not come earlier; undefined leaves it to the step's backoff. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string = "nothing was done",
    options: ErrorOptions & { readonly retryAfter?: Duration | undefined } = {},
  ) {
    super("DP_SAGA_NOT_DONE", message, withCause(options, true));
    this.retryAfterMs =
      options.retryAfter === undefined
        ? undefined
        : durationMs(options.retryAfter, "retryAfter");
  }
}

/** Thrown by a step: try again, not before `delay`; this call may have had an effect. Code `DP_SAGA_RETRY_AFTER`. */
export class RetryAfter extends DpError {
  static override readonly brand: symbol = Symbol.for("@dp/saga.RetryAfter");
  readonly retryAfterMs: number;

  constructor(
    delay: Duration,
    message: string = "try again later",
    options: ErrorOptions = {},
  ) {
    super("DP_SAGA_RETRY_AFTER", message, withCause(options, true));
    this.retryAfterMs = durationMs(delay, "delay");
  }
}

const withCause = (
  options: ErrorOptions,
  retryable: boolean,
): ErrorOptions & { retryable: boolean } =>
  "cause" in options ? { cause: options.cause, retryable } : { retryable };

/** Why a run went backward. */
export type CompensationReason = "failed" | "cancelled" | "deadline";

/**
 * The run was compensated: everything that happened, or may have, was undone. `cause` is what the step threw, of which
 * name, code and message survive a restart. Code `DP_SAGA_COMPENSATED`.
 */
export class SagaCompensatedError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/saga.SagaCompensatedError",
  );
  readonly id: string;
  /** The step that failed, or that was next when the run was cancelled or ran out of time. */
  readonly step: string;
  readonly reason: CompensationReason;
  declare readonly cause: Error;

  constructor(
    id: string,
    step: string,
    reason: CompensationReason,
    cause: Error,
  ) {
    super(
      "DP_SAGA_COMPENSATED",
      `run ${id} was compensated (${reason} at ${step}): ${cause.message}`,
      { cause },
    );
    this.id = id;
    this.step = step;
    this.reason = reason;
  }
}

/** A person gave the run up; `leaked` names the steps whose effects nobody undid. Code `DP_SAGA_ABANDONED`. */
export class SagaAbandonedError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/saga.SagaAbandonedError",
  );
  readonly id: string;
  readonly leaked: readonly string[];

  constructor(id: string, leaked: readonly string[]) {
    super(
      "DP_SAGA_ABANDONED",
      `run ${id} was abandoned; left undone: ${leaked.join(", ") || "nothing"}`,
    );
    this.id = id;
    this.leaked = leaked;
  }
}

/** A run of this id exists, of another saga or with another input. Nothing was started. Code `DP_ID_CONFLICT`. */
export class IdConflictError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/saga.IdConflictError",
  );
  readonly id: string;

  constructor(id: string, why: string) {
    super("DP_ID_CONFLICT", `run ${id} exists already ${why}`);
    this.id = id;
  }
}

/** The store holds no run of this id. Code `DP_SAGA_UNKNOWN_RUN`. */
export class UnknownRunError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/saga.UnknownRunError",
  );

  constructor(id: string) {
    super("DP_SAGA_UNKNOWN_RUN", `there is no run ${id} in the store`);
  }
}

/**
 * The store holds live runs of a registered saga and version whose steps differ from the definition. Give the changed
 * definition a new version and keep the old one registered until its runs have ended. Code `DP_SAGA_SHAPE`.
 */
export class ShapeError extends DpError {
  static override readonly brand: symbol = Symbol.for("@dp/saga.ShapeError");

  constructor(message: string) {
    super("DP_SAGA_SHAPE", message);
  }
}

/** What an administrator asked for does not fit the state of the run; nothing was changed. Code `DP_SAGA_REFUSED`. */
export class AdminRefusedError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/saga.AdminRefusedError",
  );

  constructor(message: string) {
    super("DP_SAGA_REFUSED", message);
  }
}

/** The store cannot be opened, was closed, or failed. Code `DP_SAGA_STORE`. */
export class StoreError extends DpError {
  static override readonly brand: symbol = Symbol.for("@dp/saga.StoreError");

  constructor(message: string, options?: ErrorOptions) {
    super("DP_SAGA_STORE", message, options);
  }
}

/** The orchestrator was closed; the run goes on when another claims it. Code `DP_SAGA_CLOSED`. */
export class OrchestratorClosedError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/saga.OrchestratorClosedError",
  );

  constructor(what: string) {
    super("DP_SAGA_CLOSED", `the orchestrator was closed: ${what}`, {
      retryable: true,
    });
  }
}
