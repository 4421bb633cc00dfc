import { DpError } from "@dp/core";

/**
 * A log that cannot be replayed: a line that is no call, calls too far out of order, or no call at all. Code
 * `DP_BREAKER_REPLAY_LOG`. Nothing was reported.
 */
export class ReplayLogError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/breaker.ReplayLogError",
  );

  /** The number of the line, 1 for the first; undefined when it is about the whole log. */
  declare readonly line: number | undefined;

  constructor(line: number | undefined, message: string) {
    super(
      "DP_BREAKER_REPLAY_LOG",
      line === undefined ? message : `line ${line}: ${message}`,
    );
    this.line = line;
  }
}
