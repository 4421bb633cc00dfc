import type { OutlierAccount } from "./detection.ts";
import type { ResolvedOutlierOptions } from "./outlier-options.ts";

/** Two counters of the interval, a run of failures, and the ejections so far. */
export class Tally implements OutlierAccount {
  ejectedUntilMs: number = -Infinity;
  failures = 0;
  successRate: number | undefined;
  readonly #options: ResolvedOutlierOptions;
  readonly #minimumRequests: number;
  /** More repeats than this change nothing but how long they take to be forgiven. */
  readonly #mostTimes: number;
  #times = 0;
  #succeeded = 0;
  #failed = 0;

  constructor(options: ResolvedOutlierOptions) {
    this.#options = options;
    const { forMs, maxForMs, successRate } = options;
    this.#minimumRequests = successRate?.minimumRequests ?? Infinity;
    this.#mostTimes = forMs === Infinity ? 1 : Math.ceil(maxForMs / forMs);
  }

  success(nowMs: number): void {
    if (nowMs < this.ejectedUntilMs) return;
    this.#succeeded++;
    this.failures = 0;
  }

  failure(nowMs: number): boolean {
    if (nowMs < this.ejectedUntilMs) return false;
    this.#failed++;
    this.failures++;
    return this.failures >= this.#options.consecutive;
  }

  closeInterval(): void {
    const reports = this.#succeeded + this.#failed;
    this.successRate =
      reports < this.#minimumRequests ? undefined : this.#succeeded / reports;
    this.#succeeded = 0;
    this.#failed = 0;
  }

  eject(nowMs: number): void {
    const { forMs, maxForMs, intervalMs } = this.#options;
    if (this.#times > 0) {
      const goodMs = nowMs - this.ejectedUntilMs;
      const forgiven = Math.floor(goodMs / intervalMs);
      this.#times = Math.max(0, this.#times - forgiven);
    }
    this.#times = Math.min(this.#times + 1, this.#mostTimes);
    this.ejectedUntilMs = nowMs + Math.min(forMs * this.#times, maxForMs);
    // What was seen before says nothing of how it is when it comes back.
    this.failures = 0;
    this.#succeeded = 0;
    this.#failed = 0;
  }
}
