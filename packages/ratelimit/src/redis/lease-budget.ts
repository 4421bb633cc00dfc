import type { LimitState } from "../decision.ts";
import type { StoreAnswer } from "../stores/store.ts";

/** What is known here of the subjects of one call, and what has been taken for them beforehand. */
export interface Budget {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Of the store's last answer. */
  states: readonly LimitState[];
  /** The least that the policies which took the last cost had left then; 0: not known, or refused. */
  remaining: number;
  /** Units of the lease that are not spent yet. */
  rest: number;
  /** Policies that were not charged for the lease. */
  refused: readonly boolean[];
  /** When the lease ends. */
  endMs: number;
  usedMs: number;
  /** Units of a lease that has been asked for. */
  asked: number;
  /** The answer to that. */
  asking: Promise<unknown> | undefined;
  /** Set once it is in no book any more: nothing may be leased for it. */
  isOut: boolean;
  /** Its place among the ends; -1: none. */
  slot: number;
}

/** A budget of which nothing is known yet. */
export const newBudget = (
  name: string,
  subjects: readonly string[],
  nowMs: number,
): Budget => ({
  name,
  subjects,
  states: [],
  remaining: 0,
  rest: 0,
  refused: [],
  endMs: 0,
  usedMs: nowMs,
  asked: 0,
  asking: undefined,
  isOut: false,
  slot: -1,
});

/** Keeps what the store has just answered. */
export const learn = (
  budget: Budget,
  { refusal, states, refused }: StoreAnswer,
): void => {
  budget.states = states;
  budget.remaining = 0;
  if (refusal !== undefined) return;
  let least = Infinity;
  for (const [index, { remaining }] of states.entries())
    if (refused[index] !== true) least = Math.min(least, remaining);
  if (least < Infinity) budget.remaining = least;
};

/** The states that an answer about more than `cost` gives to one who asked for `cost` alone. */
export const statesFor = (
  states: readonly LimitState[],
  cost: number,
): readonly LimitState[] =>
  states.every(({ retryAfterMs }) => retryAfterMs === 0)
    ? states
    : states.map((state) =>
        state.remaining >= cost ? { ...state, retryAfterMs: 0 } : state,
      );
