import type { Counts } from "../circuit-state.ts";

/**
 * Decides when a circuit opens. A trip is a description without state: every circuit makes its own window from it, so
 * that one trip can stand in options shared by many circuits.
 */
export interface Trip {
  create(): TripWindow;
}

/**
 * What one circuit remembers of its results while closed. `now` is in milliseconds, does not go back, may stand still
 * and may jump by days. Every method must be cheap: they run within calls.
 */
export interface TripWindow {
  /**
   * What the window reads of its arguments, so that a circuit need not look at its clock in vain: `nothing`, `now`, or
   * both. Arguments that are not read may be anything.
   *
   * @defaultValue 'elapsed'
   */
  readonly reads?: "nothing" | "now" | "elapsed" | undefined;
  /** Counts a success that took `elapsedMs`. True: open now. */
  success(now: number, elapsedMs: number): boolean;
  /** Counts a failure that took `elapsedMs`. True: open now. */
  failure(now: number, elapsedMs: number): boolean;
  /** Forgets everything. Called before first use, when the circuit closes and when it is reset. */
  reset(now: number): void;
  /** What is remembered at `now`. */
  counts(now: number): Counts;
  /** What trips it, in words that end a sentence ('opens at …') and as data, for `inspect().why`. */
  describe?(): { readonly text: string; readonly data: object };
}
