/** What a call is told: when to stop, which attempt it is, how much time is left. */
export interface CallContext {
  /** Aborts when the caller gives up or a timeout around the call expires. Hand it on to whatever the call awaits. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt, 2 for the first repeat. */
  readonly attempt: number;
  /** When the whole call must be over, in milliseconds of the pipeline's clock; `Infinity` when nobody set a limit. */
  readonly deadlineMs: number;
  /** Milliseconds until {@link CallContext.deadlineMs}; negative when it has passed, `Infinity` when there is none. */
  remainingMs(): number;
  /** What the call is about, as given to `run`. */
  readonly key?: string | undefined;
  /** How important the call is, as given to `run`. */
  readonly priority?: number | undefined;
}

/** An operation that policies can run, and run again. It may return a value or a promise, throw or reject. */
export type Call<T> = (context: CallContext) => T | PromiseLike<T>;
