import { requireInteger, requireNumber } from "@dp/core";

/**
 * Keeps repeats from multiplying the load on a service that is already down: counts calls and repeats under way and
 * says when one more repeat would be too many. One budget may serve several retries; then they share it.
 */
export interface RetryBudget {
  /** Calls under way, each counted once however often it is repeated. */
  readonly calls: number;
  /** Repeats decided on and not yet ended: those that sleep before their attempt too. */
  readonly retries: number;
  /** A call has begun. */
  begin(): void;
  /** A call has ended. */
  end(): void;
  /** Takes room for one repeat, held until {@link RetryBudget.giveBack}. False if there is none. */
  take(): boolean;
  giveBack(): void;
}

/** How much a {@link retryBudget} allows. */
export interface RetryBudgetOptions {
  /** Repeats under way for each call under way. At least 0. @defaultValue 0.2 */
  readonly ratio?: number | undefined;
  /** So many repeats are always allowed, so that a quiet client can repeat at all. @defaultValue 3 */
  readonly minimum?: number | undefined;
}

/**
 * Allows `ratio` times the calls under way as repeats, but always `minimum`.
 *
 * Repeats count from the decision on, sleepers included: a budget that counts them from the sending lets a thousand
 * calls fall asleep together and come back at once. Ratio and minimum are Envoy's defaults (retry_budget).
 */
export const retryBudget = (options: RetryBudgetOptions = {}): RetryBudget =>
  new Budget(
    requireNumber("ratio", options.ratio ?? 0.2, 0),
    requireInteger("minimum", options.minimum ?? 3),
  );

class Budget implements RetryBudget {
  calls = 0;
  retries = 0;
  readonly #ratio: number;
  readonly #minimum: number;

  constructor(ratio: number, minimum: number) {
    this.#ratio = ratio;
    this.#minimum = minimum;
  }

  begin(): void {
    this.calls++;
  }

  end(): void {
    this.calls--;
  }

  take(): boolean {
    if (this.retries + 1 > Math.max(this.#ratio * this.calls, this.#minimum))
      return false;
    this.retries++;
    return true;
  }

  giveBack(): void {
    this.retries--;
  }
}
