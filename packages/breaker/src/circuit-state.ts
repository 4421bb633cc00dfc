/**
 * - `closed`: calls pass and are counted.
 * - `open`: calls are refused until the break is over.
 * - `half-open`: a limited number of probes pass; they decide between closed and open.
 * - `isolated`: calls are refused until everybody who isolated the circuit has let go.
 */
export type CircuitState = "closed" | "open" | "half-open" | "isolated";

/** Results in the window of the trip. Ignored calls are in none of the three. */
export interface Counts {
  readonly total: number;
  readonly successes: number;
  readonly failures: number;
}

/** A reason in words, for people, and as data, for programs. */
export interface Why {
  readonly text: string;
  readonly data: WhyData;
}

/** Why a circuit is in its state. Safe to turn into JSON. */
export type WhyData =
  /** Nothing has tripped it. `trip` is what the trip adds about its threshold. */
  | { readonly cause: "counts"; readonly counts: Counts; readonly trip: object }
  | {
      readonly cause: "tripped";
      readonly counts: Counts;
      readonly trip: object;
      readonly openForMs: number;
      readonly lastError?: string | undefined;
    }
  | {
      readonly cause: "probe-failed";
      readonly openForMs: number;
      readonly lastError?: string | undefined;
    }
  /** A probe succeeded, but took too long for the trip. */
  | {
      readonly cause: "probe-slow";
      readonly openForMs: number;
      readonly elapsedMs: number;
    }
  /** A probe was not settled within its lease. */
  | {
      readonly cause: "probe-expired";
      readonly openForMs: number;
      readonly leaseMs: number;
    }
  | { readonly cause: "break-over"; readonly probes: number }
  | { readonly cause: "probes-passed"; readonly probes: number }
  | { readonly cause: "isolated"; readonly reasons: readonly string[] }
  /** So many others say that they are open, and what is known here does not speak against it. */
  | {
      readonly cause: "hinted";
      readonly counts: Counts;
      readonly others: number;
      readonly openForMs: number;
    }
  | { readonly cause: "restored" }
  | { readonly cause: "released" }
  | { readonly cause: "reset" };

/** A circuit at one moment. */
export interface BreakerInspection {
  readonly name: string;
  readonly state: CircuitState;
  readonly counts: Counts;
  /** Failures by total, 0 to 1; 0 while nothing was counted. */
  readonly failureRate: number;
  /** While refusing: milliseconds until another try makes sense. Undefined when only a person can tell. */
  readonly retryAfterMs?: number | undefined;
  /** When the circuit last opened, in milliseconds of its clock; undefined once it has closed again. */
  readonly openedAtMs?: number | undefined;
  /** While half-open: probes that passed, that are under way, and how many must pass. */
  readonly probes?:
    | {
        readonly passed: number;
        readonly pending: number;
        readonly needed: number;
      }
    | undefined;
  /** After a break, while calls are let in little by little: the share that passes now, 0 to 1. */
  readonly passing?: number | undefined;
  readonly why: Why;
}

/**
 * A circuit as JSON, for a process that goes on where another has ended. All times are relative, apart from the wall
 * time at which it was taken. Isolations are not in it: their handles end with the process.
 */
export interface BreakerSnapshot {
  readonly version: 1;
  readonly takenAtMs: number;
  readonly state: "closed" | "open" | "half-open";
  /** While open: how much of the break remains; null: until a reset. */
  readonly remainingMs?: number | null | undefined;
  /** Breaks that counted when the last one ended, and how long that was; null: until a reset. */
  readonly breaks: { readonly count: number; readonly lastMs: number | null };
  /** While closed after a break: for how long it has been. */
  readonly closedForMs?: number | undefined;
  readonly why: Why;
  /** What the trip remembers, if it can say it. */
  readonly window?: unknown;
}

/** What `on(listener)` reports. */
export type BreakerEvent =
  /** The circuit changed its state. Exactly one for every change, in order. */
  | {
      readonly type: "transition";
      readonly name: string;
      readonly from: CircuitState;
      readonly to: CircuitState;
      readonly why: Why;
      /** When the change took effect, in milliseconds of the circuit's clock. Not later than when it was noticed. */
      readonly atMs: number;
    }
  /** `reset()` was called; follows the transition if there was one. */
  | { readonly type: "reset"; readonly name: string; readonly atMs: number };
