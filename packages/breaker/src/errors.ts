import { DpError } from "@dp/core";

/** Why a policy ended a call itself. */
export type ResilienceKind =
  | "open"
  | "isolated"
  | "timeout"
  | "full"
  | "limited"
  | "throttled"
  | "exhausted";

/** What a {@link ResilienceError} knows beside its kind and policy. */
export interface ResilienceErrorOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly attempts?: number | undefined;
  readonly stalledMs?: number | undefined;
}

/**
 * A call ended by a policy instead of by the operation. `kind` says why, `policy` names who. All kinds are retryable:
 * the same call may succeed later. Code `DP_BREAKER_` and the kind: `DP_BREAKER_OPEN`.
 *
 * Errors of the operation itself are never wrapped in one.
 */
export class ResilienceError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/breaker.ResilienceError",
  );

  readonly kind: ResilienceKind;
  /** The name of the policy that ended the call. */
  readonly policy: string;
  /** After how many milliseconds another try makes sense; undefined when nobody can say. */
  readonly retryAfterMs?: number | undefined;
  /** How often the operation was called before giving up, where the policy counts that. */
  readonly attempts?: number | undefined;
  /** Of a timeout: how long this process stood still meanwhile, so that the service need not be to blame. */
  readonly stalledMs?: number | undefined;

  constructor(
    kind: ResilienceKind,
    policy: string,
    message: string,
    options: ResilienceErrorOptions = {},
  ) {
    super(
      `DP_BREAKER_${kind.toUpperCase() as Uppercase<ResilienceKind>}`,
      message,
      "cause" in options
        ? { cause: options.cause, retryable: true }
        : { retryable: true },
    );
    this.kind = kind;
    this.policy = policy;
    this.retryAfterMs = options.retryAfterMs;
    this.attempts = options.attempts;
    this.stalledMs = options.stalledMs;
  }
}

/**
 * What `create` makes, without a stack trace. For refusals, which come at the rate of calls while a service is down and
 * always from the same place: the trace would be most of their cost.
 */
const withoutStack = <E extends Error>(create: () => E): E => {
  const { stackTraceLimit } = Error;
  // Not assigned: that would throw where the intrinsics are frozen.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return create();
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
};

/** A {@link ResilienceError} without a stack trace. The message begins with the policy's name. */
export const refusal = (
  kind: ResilienceKind,
  policy: string,
  message: string,
  options?: ResilienceErrorOptions,
): ResilienceError =>
  withoutStack(
    () => new ResilienceError(kind, policy, `${policy} ${message}`, options),
  );
