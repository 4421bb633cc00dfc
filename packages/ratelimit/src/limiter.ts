import type { Duration, MetricSource } from "@dp/core";
import type { Decision } from "./decision.ts";
import type { Keys } from "./keys.ts";
import type { Reservation } from "./reservation.ts";

/** How long a reservation may stay unsettled. */
export interface ReserveOptions {
  /** After that its cost is given back. At least 1 ms. @defaultValue '1m' */
  readonly ttl?: Duration | undefined;
}

/** For what, how long and how a call waits. */
export interface WaitOptions {
  /** An integer of at least 1. @defaultValue 1 */
  readonly cost?: number | undefined;
  /** One that cannot be allowed in this time is refused at once. @defaultValue Infinity */
  readonly maxWait?: Duration | undefined;
  /** Ends the wait when it aborts: the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decides who may take how much. Made by `createLimiter()`; `P` are the names of its policies.
 *
 * `take` is the one to use: it decides and charges in one atomic step, over all policies, and gives a decision with all
 * one could tell the caller. `allow` is `take` for those who need only a boolean. `peek` is `take` without the charge:
 * its answer may be outdated as soon as it is given, so never guard a `take` by it.
 *
 * A refusal is a value, is never thrown, and charges nothing to any policy. A `cost` must be an integer of at least 0
 * (1 if not given; 0 charges nothing); another one, or a subject that is no string, throws `InvalidOptionError` and
 * changes nothing. What happens when the store fails is up to `onStoreError`. Calls may be made concurrently.
 */
export interface Limiter<P extends string> extends MetricSource {
  /** Charges `cost` to every policy if all of them can take it, else to none. */
  take(keys: Keys<P>, cost?: number): Promise<Decision<P>>;
  /** Like `take`, reduced to whether it was allowed. */
  allow(keys: Keys<P>, cost?: number): Promise<boolean>;
  /** What `take` would answer now, except that nothing is charged and the states are those without the charge. */
  peek(keys: Keys<P>, cost?: number): Promise<Decision<P>>;
  /** Like `take` for a cost that is known only afterwards: charges the guess, to be settled. */
  reserve(
    keys: Keys<P>,
    cost: number,
    options?: ReserveOptions,
  ): Promise<Reservation<P>>;
  /**
   * Like `take`, but waits for its turn: calls for the same keys in the order in which they came. Resolves to a refusal
   * with reason `queue` as soon as it is clear that `maxWait` does not suffice, and to an ordinary one if the cost can
   * never be allowed. `take` does not queue: it may take what others wait for.
   */
  wait(keys: Keys<P>, options?: WaitOptions): Promise<Decision<P>>;
  /** Gives `cost` back to every policy, to no more than full: for a call that did not take place after all. */
  refund(keys: Keys<P>, cost: number): Promise<void>;
  /** Takes `cost` from every policy without asking. A subject owes at most one burst. */
  penalize(keys: Keys<P>, cost: number): Promise<void>;
  /** Refuses everything, with reason `blocked`, for so long from now on; 0 ends it. */
  block(keys: Keys<P>, duration: Duration): Promise<void>;
  /** Makes the subjects ones that have taken nothing and are not blocked. */
  reset(keys: Keys<P>): Promise<void>;
}

/** A limiter whose store is in the process, and which can therefore answer at once. */
export interface MemoryLimiter<P extends string> extends Limiter<P> {
  /** As `take`, without a promise: the fastest way to a decision. */
  takeSync(keys: Keys<P>, cost?: number): Decision<P>;
}
