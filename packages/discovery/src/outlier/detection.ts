/**
 * Port: when to stop picking an instance because of what its leases report. A description that many views can share;
 * made by `outlierDetection`.
 */
export interface OutlierDetection {
  /** A fresh account of one instance in one view. */
  account(): OutlierAccount;
  /** Whether one more of `serving` instances may be ejected while `ejected` are. */
  mayEject(ejected: number, serving: number): boolean;
}

/** What one view has seen of one instance. */
export interface OutlierAccount {
  /** The ejection is over as soon as the clock has reached this; -Infinity if there was none. */
  readonly ejectedUntilMs: number;
  /** Failures in a row since the last success or ejection. */
  readonly failures: number;
  success(): void;
  /** Counts a failure; true if it is reason to eject, whether or not there is room. */
  failure(nowMs: number): boolean;
  eject(nowMs: number): void;
}
