import type { LimitState } from "../decision.ts";

/**
 * One limit: how much a subject may take, and how that is counted. Made by `tokenBucket()`, `slidingWindow()`,
 * `fixedWindow()` or `slidingLog()`; users pass it on.
 *
 * The rest of this interface is for authors of algorithms and stores. An algorithm is a set of pure functions over
 * numbers: the state of one subject is `width` numbers at `cells[at]`, so that a store can keep a million subjects in
 * one array and a decision allocates no state. Times are integers in units of `1 / unitsPerMs` milliseconds; a caller
 * converts a clock's reading with `Math.round(nowMs * unitsPerMs)`.
 *
 * Laws, checked by random traces: only `start`, `heal`, `charge`, `force` and `giveBack` write, and only their own `width`
 * cells. `idleAt` never falls, except by `heal` and `giveBack`. At or after `idleAt` a state answers every question as a
 * started one does. If `wait` is 0, `charge` leaves a state from which `wait(…, 0)` is 0; if it is finite and above 0,
 * waiting one unit less is refused. `force` never makes a wait shorter and `giveBack` never longer; `charge` and then
 * `giveBack` of the same at the same time leave a state that answers as the one before. A state that `heal` would repair
 * never gives a wait of 0, so that a store need not heal before it asks.
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
  /** The milliseconds in which one unit comes back, for policies that refill evenly; missing where it comes in jumps. */
  readonly paceMs?: number;
  /**
   * Which of a clock's readings `now` is: `'wall'` = `wallNow()`, for policies bound to the calendar. Missing: `now()`,
   * which never jumps.
   */
  readonly time?: "wall";

  /**
   * The limit of a subject, for policies that give some a limit of their own: of the same kind, width and `time`, and of
   * another `identity` if its numbers are others. Its `unitsPerMs` may differ. Missing: one limit for all.
   */
  of?(subject: string): LimitPolicy;
  /**
   * Writes the state of a subject that has taken nothing, as of `now`. Before `now` (the clock may go back) it has no more
   * than one that spent everything and was back to full at `now`.
   */
  start(cells: Float64Array, at: number, now: number): void;
  /**
   * Pulls a state from a far future (more than two bursts ahead, for windows three periods: some clock was wrong) back to
   * an exhausted one, and says whether it did. Without it such a subject would be refused until that future comes.
   */
  heal(cells: Float64Array, at: number, now: number): boolean;
  /** Units of time until `cost` is allowed: 0 = now, Infinity = never. `cost` is a safe integer of at least 0. */
  wait(cells: Float64Array, at: number, now: number, cost: number): number;
  /** Takes `cost`. Only to be called when `wait` was 0 for the same arguments. */
  charge(cells: Float64Array, at: number, now: number, cost: number): void;
  /**
   * Takes `cost` whether there is room or not. A subject owes at most one burst more than an exhausted one, and stays
   * at that bound: `heal` then takes no debt for the trace of a wrong clock. Only to be called on a healed state.
   */
  force(cells: Float64Array, at: number, now: number, cost: number): void;
  /** Gives `amount` back, never beyond a rested subject. Only to be called on a healed state. */
  giveBack(cells: Float64Array, at: number, now: number, amount: number): void;
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
