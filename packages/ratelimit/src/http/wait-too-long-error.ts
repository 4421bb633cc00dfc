import { DpError } from "@dp/core";

/**
 * Rejects a call of a `pacedFetch` whose turn is not within `maxWait`. Nothing was sent, and the same call may go through
 * later. Code `DP_WAIT_TOO_LONG`.
 */
export class WaitTooLongError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/ratelimit.WaitTooLongError",
  );

  /** Whose requests are spaced: the origin, unless `key` says otherwise. */
  declare readonly key: string;
  /** From now until the next request can be sent, as far as the server has told. */
  declare readonly waitMs: number;
  declare readonly maxWaitMs: number;

  constructor(key: string, waitMs: number, maxWaitMs: number) {
    super(
      "DP_WAIT_TOO_LONG",
      `${key} takes no request for another ${Math.ceil(waitMs)} ms, and ${maxWaitMs} ms is the longest wait`,
      { retryable: true },
    );
    this.key = key;
    this.waitMs = waitMs;
    this.maxWaitMs = maxWaitMs;
  }
}
