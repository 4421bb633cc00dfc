import { DpError } from "@dp/core";

/**
 * The store failed, and `onStoreError` says to throw, or there is nothing else one could do. Code `DP_RATELIMIT_STORE`,
 * retryable; `cause` is the store's own error. Whether the store has done what it was asked is unknown.
 */
export class LimitStoreError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/ratelimit.LimitStoreError",
  );

  constructor(operation: string, cause: unknown) {
    super(
      "DP_RATELIMIT_STORE",
      `the store failed to ${operation}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, retryable: true },
    );
  }
}
