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
  /** What trips it, and how far it is from that, for `inspect().why`. */
  describe?(now: number): TripDescription;
  /**
   * Whether what is remembered reaches the threshold if no minimum of results is asked for. Others say then that the
   * service is down too. Left out: half of at least one result failed.
   */
  early?(now: number): boolean;
  /** Whether a success that took so long is as bad as a failure, for a probe. Left out: none is. */
  isSlow?(elapsedMs: number): boolean;
  /** Makes the window watch calls under way too. */
  readonly flights?: FlightWatch | undefined;
  /** What is remembered, as JSON and without absolute times. Left out: it is lost with the process. */
  save?(now: number): unknown;
  /**
   * Takes over what another window of the same trip saved `agoMs` before `now`, in place of what it remembers. What
   * it does not understand is nothing: it remembers nothing then.
   */
  load?(saved: unknown, now: number, agoMs: number): void;
}

export interface TripDescription {
  /** The threshold, in words that end a sentence: 'opens at …'. */
  readonly text: string;
  readonly data: object;
  /** What it has counted, as a clause. @defaultValue 'n of m calls failed' */
  readonly found?: string | undefined;
}

/** For trips to which time alone can be enough, because a call under way takes too long. */
export interface FlightWatch {
  /** A call begins. What is returned comes back with {@link FlightWatch.end}, unless the window is reset before. */
  begin(now: number): unknown;
  /** The call has ended. If its result counts, `success` or `failure` follows. */
  end(flight: unknown): void;
  /** When, until `now`, calls under way have tripped it; undefined: they have not. */
  trippedMs(now: number): number | undefined;
}
