import type { Decision, LimitState } from "./decision.ts";
import type { LimiterTally } from "./limiter-metrics.ts";
import type { StoreAnswer } from "./stores/store.ts";

/** When to try again while the store does not answer. */
const storeRetryMs = 1_000;

/** Turns the answers of a store into the decisions users see, and counts them. */
export class Conclusion<P extends string> {
  readonly tally: LimiterTally;
  readonly #names: readonly P[];
  readonly #enforced: readonly boolean[];
  /** Whose numbers make the totals: the policies that can refuse, or all when none can. */
  readonly #total: readonly boolean[];

  constructor(names: readonly P[], enforced: readonly boolean[]) {
    this.#names = names;
    this.#enforced = enforced;
    this.#total = enforced.includes(true) ? enforced : enforced.map(() => true);
    this.tally = {
      allowed: 0,
      refused: 0,
      elsewhere: { lease: 0, local: 0, open: 0 },
      exhausted: names.map(() => 0),
    };
  }

  /** The decision an answer amounts to. Counted if `commit`, because a peek decides nothing. */
  draw(answer: StoreAnswer, commit: boolean): Decision<P> {
    const { refusal, states } = answer;
    const limits = {} as Record<P, LimitState>;
    let remaining = Infinity;
    let resetAfterMs = 0;
    for (let index = 0; index < states.length; index++) {
      const state = states[index] as LimitState;
      limits[this.#names[index] as P] =
        this.#enforced[index] === true ? state : { ...state, shadow: true };
      if (this.#total[index] !== true) continue;
      if (state.remaining < remaining) remaining = state.remaining;
      if (state.resetAfterMs > resetAfterMs) resetAfterMs = state.resetAfterMs;
    }
    if (commit) this.#count(answer);
    if (refusal === undefined)
      return {
        allowed: true,
        source: answer.source ?? "store",
        limits,
        remaining,
        resetAfterMs,
      };
    const violated = this.#violated(answer);
    return {
      allowed: false,
      reason: refusal,
      violated,
      // Refused by no limit: the store did not answer.
      retryAfterMs:
        violated.length === 0 ? storeRetryMs : this.#latestMs(answer),
      limits,
      remaining,
      resetAfterMs,
    };
  }

  /** The names of the limits that refused. */
  #violated({ refused }: StoreAnswer): P[] {
    // A list of known length: one that grows makes room for many at once.
    if (refused.length === 1)
      return this.#isViolated(refused, 0) ? [this.#names[0] as P] : [];
    return this.#names.filter((_, index) => this.#isViolated(refused, index));
  }

  #isViolated(refused: readonly boolean[], index: number): boolean {
    return refused[index] === true && this.#enforced[index] === true;
  }

  /** When the last of the limits that refused will not: each stays open once it is, so that is when all are. */
  #latestMs({ states, refused }: StoreAnswer): number | null {
    let latestMs = 0;
    for (let index = 0; index < states.length; index++) {
      if (!this.#isViolated(refused, index)) continue;
      const { retryAfterMs } = states[index] as LimitState;
      if (retryAfterMs === null) return null;
      if (retryAfterMs > latestMs) latestMs = retryAfterMs;
    }
    return latestMs;
  }

  #count({ refusal, refused, source = "store" }: StoreAnswer): void {
    if (source !== "store") this.tally.elsewhere[source]++;
    if (refusal === undefined) this.tally.allowed++;
    else this.tally.refused++;
    for (let index = 0; index < refused.length; index++)
      if (refused[index] === true)
        this.tally.exhausted[index] =
          (this.tally.exhausted[index] as number) + 1;
  }
}
