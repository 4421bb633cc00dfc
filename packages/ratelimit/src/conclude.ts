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
    this.tally = { allowed: 0, refused: 0, exhausted: names.map(() => 0) };
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
    const violated: P[] = [];
    const latestMs = this.#latest(answer, violated);
    return {
      allowed: false,
      reason: refusal,
      violated,
      // Refused by no limit: the store did not answer.
      retryAfterMs: violated.length === 0 ? storeRetryMs : latestMs,
      limits,
      remaining,
      resetAfterMs,
    };
  }

  /**
   * Names the limits that refused, and gives the time when the last of them will not: each stays open once it is, so
   * that is when all are.
   */
  #latest({ states, refused }: StoreAnswer, violated: P[]): number | null {
    let latestMs: number | null = 0;
    for (let index = 0; index < states.length; index++) {
      if (refused[index] !== true || this.#enforced[index] !== true) continue;
      violated.push(this.#names[index] as P);
      const { retryAfterMs } = states[index] as LimitState;
      if (latestMs === null || retryAfterMs === null) latestMs = null;
      else if (retryAfterMs > latestMs) latestMs = retryAfterMs;
    }
    return latestMs;
  }

  #count({ refusal, refused }: StoreAnswer): void {
    if (refusal === undefined) this.tally.allowed++;
    else this.tally.refused++;
    for (let index = 0; index < refused.length; index++)
      if (refused[index] === true)
        this.tally.exhausted[index] =
          (this.tally.exhausted[index] as number) + 1;
  }
}
