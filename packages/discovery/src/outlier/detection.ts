/**
 * Port: when to stop picking an instance because of what its leases report. A description that many views can share;
 * made by `outlierDetection`.
 */
export interface OutlierDetection {
  /** From one comparison of the instances with each other to the next; Infinity for none. */
  readonly sweepMs: number;
  /** A fresh account of one instance in one view. */
  account(): OutlierAccount;
  /** Whether one more of `serving` instances may be ejected while `ejected` are. */
  mayEject(ejected: number, serving: number): boolean;
  /**
   * Those of the accounts, each with its interval just closed, that did so much worse than all together that they are
   * to be ejected while there is room, the worst first. Changes none of them.
   */
  outliers(accounts: readonly OutlierAccount[]): readonly OutlierAccount[];
}

/** What one view has seen of one instance. Reports during an ejection are of no consequence. */
export interface OutlierAccount {
  /** The ejection is over as soon as the clock has reached this; -Infinity if there was none. */
  readonly ejectedUntilMs: number;
  /** Failures in a row since the last success or ejection. */
  readonly failures: number;
  /** The share of successes in the interval closed last, 0 to 1; undefined if there were too few reports to judge. */
  readonly successRate: number | undefined;
  success(nowMs: number): void;
  /** Counts a failure; true if it is reason to eject, whether or not there is room. */
  failure(nowMs: number): boolean;
  /** The next interval begins: what was reported since the last call is the rate now. */
  closeInterval(): void;
  eject(nowMs: number): void;
}
