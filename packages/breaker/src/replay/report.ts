/** What configurations of a breaker would have done with the calls of a log. Safe to turn into JSON. */
export interface ReplayReport {
  readonly calls: number;
  readonly failures: number;
  /** When the first call began, in milliseconds of the log's epoch. */
  readonly fromMs: number;
  /** When the last call ended. */
  readonly toMs: number;
  /** Calls over time, by when they ended. */
  readonly slices: {
    /** All slices of the report have this width, but the last may be cut short by `toMs`. At most 1024. */
    readonly widthMs: number;
    readonly calls: readonly number[];
    readonly failures: readonly number[];
  };
  /** In the order in which they were given. */
  readonly configurations: readonly ConfigurationReport[];
}

/** What one configuration would have done. */
export interface ConfigurationReport {
  readonly name: string;
  readonly totals: ReplayTotals;
  /** The first 1000 times it opened. */
  readonly openings: readonly Opening[];
  /** How many more times it opened. */
  readonly unlistedOpenings: number;
  /** Its states over time, in slices as those of the report. It was closed for what is left of each. */
  readonly slices: {
    readonly openMs: readonly number[];
    readonly halfOpenMs: readonly number[];
  };
}

/** What became of the calls. `admitted + refusedRightly + refusedWrongly` is `calls`. */
export interface ReplayTotals {
  readonly calls: number;
  readonly failures: number;
  readonly admitted: number;
  /** Let through, and failed. `admittedFailures + refusedRightly` is `failures`. */
  readonly admittedFailures: number;
  /** Refused, and the log says that it failed. */
  readonly refusedRightly: number;
  /** Refused, and the log says that it succeeded. */
  readonly refusedWrongly: number;
  /** Refused calls by all calls, 0 to 1. */
  readonly refusedShare: number;
  /** How often a closed circuit opened. */
  readonly openings: number;
  readonly openMs: number;
  readonly halfOpenMs: number;
}

/** From when a closed circuit opened until it was closed again. */
export interface Opening {
  readonly openedAtMs: number;
  readonly why: string;
  /** Undefined: the log ended before. */
  readonly closedAtMs: number | undefined;
  /** How often it was open again in between, because a probe failed. */
  readonly reopened: number;
  /** Refused until it opened for the next time, so those that a ramp refuses after it has closed are among them. */
  readonly refusedRightly: number;
  readonly refusedWrongly: number;
}
