import type { LimitState } from "../decision.ts";

/**
 * One limit: how much a subject may take, and how that is counted. Made by `tokenBucket()`; users pass it on.
 *
 * The rest of this interface is for authors of algorithms and stores. An algorithm is a set of pure functions over
 * numbers: the state of one subject is `width` numbers at `cells[at]`, so that a store can keep a million subjects in
 * one array and a decision allocates no state. Times are integers in units of `1 / unitsPerMs` milliseconds; a caller
 * converts a clock's reading with `Math.round(nowMs * unitsPerMs)`.
 *
 * Laws, checked by random traces: only `charge`, `heal` and `start` write, and only their own `width` cells. `idleAt`
 * never falls, except by `heal`. At or after `idleAt` a state answers every question as a started one does. If `wait` is 0,
 * `charge` leaves a state from which `wait(…, 0)` is 0; if it is finite and above 0, waiting one unit less is refused.
 */
export interface LimitPolicy {
  /** Names the algorithm for stores that run it elsewhere. */
  readonly kind: string;
  /** Units per period. */
  readonly limit: number;
  /** The most a rested subject can take at once. */
  readonly burst: number;
  readonly periodMs: number;
  /** The resolution of time: 1000 = microseconds, 1 = milliseconds. */
  readonly unitsPerMs: 1000 | 1;
  /** Two policies of equal text count alike, so that states of one can be read by the other. */
  readonly identity: string;
  /** How many numbers the state of one subject takes. */
  readonly width: number;

  /** Writes the state of a subject that has taken nothing, as of `now`. */
  start(cells: Float64Array, at: number, now: number): void;
  /**
   * Pulls a state from a far future (more than two bursts ahead: some clock was wrong) back to an exhausted one, and
   * says whether it did. Without it such a subject would be refused until that future comes.
   */
  heal(cells: Float64Array, at: number, now: number): boolean;
  /** Units of time until `cost` is allowed: 0 = now, Infinity = never. `cost` is a safe integer of at least 0. */
  wait(cells: Float64Array, at: number, now: number, cost: number): number;
  /** Takes `cost`. Only to be called when `wait` was 0 for the same arguments. */
  charge(cells: Float64Array, at: number, now: number, cost: number): void;
  /** The first time at which the state cannot be told from that of a subject that has taken nothing. */
  idleAt(cells: Float64Array, at: number): number;
  /** The state for people; `retryAfterMs` is for `cost`. */
  describe(
    cells: Float64Array,
    at: number,
    now: number,
    cost: number,
  ): LimitState;
}
