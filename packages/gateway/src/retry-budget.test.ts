import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RetryBudget } from "./retry-budget.ts";

/** Keeps every event: what of the last ten whole seconds, the current one included, is in the window. */
class NaiveBudget {
  readonly #requests: number[] = [];
  readonly #retries: number[] = [];

  request(nowMs: number): void {
    this.#requests.push(Math.floor(nowMs / 1_000));
  }

  take(share: number, nowMs: number): boolean {
    const now = Math.floor(nowMs / 1_000);
    const recent = (seconds: number[]): number =>
      seconds.filter((second) => second > now - 10).length;
    const allowed = Math.max(3, recent(this.#requests) * share);
    if (recent(this.#retries) >= allowed) return false;
    this.#retries.push(now);
    return true;
  }
}

describe("RetryBudget", () => {
  it("decides like one that keeps every event", () => {
    const step = fc.record({
      waitMs: fc.oneof(
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 0, max: 30_000 }),
      ),
      retry: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.constantFrom(0, 0.2, 1),
        (steps, share) => {
          const budget = new RetryBudget();
          const naive = new NaiveBudget();
          let nowMs = 5;
          for (const { waitMs, retry } of steps) {
            nowMs += waitMs;
            if (retry)
              expect(budget.take(share, nowMs)).toBe(naive.take(share, nowMs));
            else {
              budget.request(nowMs);
              naive.request(nowMs);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
