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

const codes: { readonly [K in ResilienceKind]: `DP_BREAKER_${Uppercase<K>}` } =
  {
    open: "DP_BREAKER_OPEN",
    isolated: "DP_BREAKER_ISOLATED",
    timeout: "DP_BREAKER_TIMEOUT",
    full: "DP_BREAKER_FULL",
    limited: "DP_BREAKER_LIMITED",
    throttled: "DP_BREAKER_THROTTLED",
    exhausted: "DP_BREAKER_EXHAUSTED",
  };

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

  declare readonly kind: ResilienceKind;
  /** The name of the policy that ended the call. */
  declare readonly policy: string;
  /** After how many milliseconds another try makes sense; undefined when nobody can say. */
  declare readonly retryAfterMs?: number | undefined;
  /** How often the operation was called before giving up, where the policy counts that. */
  declare readonly attempts?: number | undefined;
  /** Of a timeout: how long this process stood still meanwhile, so that the service need not be to blame. */
  declare readonly stalledMs?: number | undefined;

  constructor(
    kind: ResilienceKind,
    policy: string,
    message: string,
    options: ResilienceErrorOptions = {},
  ) {
    super(
      codes[kind],
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
  setStackTraceLimit(0);
  try {
    return create();
  } finally {
    setStackTraceLimit(stackTraceLimit);
  }
};

const setStackTraceLimit = (limit: number): void => {
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // The intrinsics are frozen: then there is a trace.
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
