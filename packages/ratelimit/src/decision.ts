/** What one limit looks like to one subject, as the decision left it. */
export interface LimitState {
  /** Units per period, as configured. */
  readonly limit: number;
  /** Whole units that could be taken now; up to the burst, which may be above or below `limit`. */
  readonly remaining: number;
  /** Until the subject is back to its full burst, if nothing more is taken. */
  readonly resetAfterMs: number;
  /**
   * Until this limit alone would let the same cost through, if nothing more is taken: 0 = at once, null = never,
   * because the cost is above the burst.
   */
  readonly retryAfterMs: number | null;
  /** The period `limit` refers to. */
  readonly periodMs: number;
  /** Present, and true, when the limit only watches: see `LimiterOptions.shadow`. */
  readonly shadow?: true;
}

/** The state of a limit whose subject is blocked for so long. */
export const blockedState = (
  state: LimitState,
  blockedMs: number,
): LimitState => ({
  ...state,
  remaining: 0,
  resetAfterMs: Math.max(blockedMs, state.resetAfterMs),
  retryAfterMs:
    state.retryAfterMs === null
      ? null
      : Math.max(blockedMs, state.retryAfterMs),
});

/** The cost was charged to every limit (for a peek: would be). */
export interface Allowed<P extends string> {
  allowed: true;
  /**
   * Who decided: `store` = the store itself, with everything it knows; `lease` = this process, from what it has taken
   * from the store beforehand; `local` = this process alone, and `open` = nobody, because the store could not tell.
   */
  source: "store" | "lease" | "local" | "open";
  limits: Record<P, LimitState>;
  /** The least `remaining` of the limits that can refuse. */
  remaining: number;
  /** The greatest `resetAfterMs` of the limits that can refuse. */
  resetAfterMs: number;
}

/** Nothing was charged to any limit. */
export interface Refused<P extends string> {
  allowed: false;
  /**
   * `limit` = a limit is exhausted; `blocked` = the subject is; `store` = the store could not take the subject in, or
   * could not tell; `queue` = a `wait` could not make it in time.
   */
  reason: "limit" | "blocked" | "store" | "queue";
  /** The limits that are exhausted, in the order of `policies`. Empty when `reason` is `store`. */
  violated: P[];
  /**
   * The earliest time the same call can be allowed, exact if nothing else is taken meanwhile; null = never, because
   * the cost is above the burst of a violated limit.
   */
  retryAfterMs: number | null;
  limits: Record<P, LimitState>;
  /** The least `remaining` of the limits that can refuse. */
  remaining: number;
  /** The greatest `resetAfterMs` of the limits that can refuse. */
  resetAfterMs: number;
}

/** The answer to a take or a peek: a refusal is a value, not an error. */
export type Decision<P extends string> = Allowed<P> | Refused<P>;
