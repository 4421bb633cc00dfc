import { requireInteger, requireNumber } from "@dp/core";

/** What bounds the extra calls of a `hedge`. A `retryBudget` is one too, to be shared with a retry. */
export interface HedgeBudget {
  /** A call has begun. */
  begin(): void;
  /** A call has ended. */
  end(): void;
  /** Takes room for one extra call. False if there is none. */
  take(): boolean;
  /** An extra call has ended. */
  giveBack(): void;
}

/** How much a {@link hedgeBudget} allows. */
export interface HedgeBudgetOptions {
  /** Extra calls for each call, in the long run. At least 0. @defaultValue 0.05 */
  readonly ratio?: number | undefined;
  /** So many extra calls may come together, and at first. At least 1. @defaultValue 10 */
  readonly burst?: number | undefined;
}

/**
 * Allows `ratio` extra calls for each call, whether they overlap or not: each call pays in `ratio`, each extra call takes
 * out 1, and no more than `burst` is kept.
 *
 * A budget that compares what is under way, as a `retryBudget` does, allows a client with one call at a time to double
 * its load.
 */
export const hedgeBudget = (options: HedgeBudgetOptions = {}): HedgeBudget => {
  const ratio = requireNumber("ratio", options.ratio ?? 0.05, 0);
  const burst = requireInteger("burst", options.burst ?? 10, 1);
  let left = burst;
  return {
    begin() {
      left = Math.min(burst, left + ratio);
    },
    end: () => undefined,
    take() {
      if (left < 1) return false;
      left--;
      return true;
    },
    giveBack: () => undefined,
  };
};
