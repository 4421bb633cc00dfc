import type { MetricSource } from "@dp/core";
import type { Decision } from "./decision.ts";
import type { Keys } from "./keys.ts";

/**
 * Decides who may take how much. Made by `createLimiter()`; `P` are the names of its policies.
 *
 * `take` is the one to use: it decides and charges in one atomic step, over all policies, and gives a decision with all
 * one could tell the caller. `allow` is `take` for those who need only a boolean. `peek` is `take` without the charge:
 * its answer may be outdated as soon as it is given, so never guard a `take` by it.
 *
 * A refusal is a value, is never thrown, and charges nothing to any policy. A `cost` must be an integer of at least 0
 * (1 if not given; 0 charges nothing); another one, or a subject that is no string, throws `InvalidOptionError` and
 * changes nothing. A store that fails makes the promise reject with the store's error. Calls may be made concurrently.
 */
export interface Limiter<P extends string> extends MetricSource {
  /** Charges `cost` to every policy if all of them can take it, else to none. */
  take(keys: Keys<P>, cost?: number): Promise<Decision<P>>;
  /** Like `take`, reduced to whether it was allowed. */
  allow(keys: Keys<P>, cost?: number): Promise<boolean>;
  /** What `take` would answer now, except that nothing is charged and the states are those without the charge. */
  peek(keys: Keys<P>, cost?: number): Promise<Decision<P>>;
}

/** A limiter whose store is in the process, and which can therefore answer at once. */
export interface MemoryLimiter<P extends string> extends Limiter<P> {
  /** As `take`, without a promise: the fastest way to a decision. */
  takeSync(keys: Keys<P>, cost?: number): Decision<P>;
}
