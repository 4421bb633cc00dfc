import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { blockedState, type LimitState } from "../decision.ts";
import type { StoreAnswer } from "../stores/store.ts";

/** What a store elsewhere tells of the subject of one policy, as the decision left it. */
export interface Found {
  readonly policy: LimitPolicy;
  readonly enforced: boolean;
  readonly isRefused: boolean;
  readonly blockedUs: number;
  /** The time of the decision, in the policy's units. */
  readonly now: number;
  readonly cells: Float64Array;
}

/** Its reply to a decision. */
export interface Outcome {
  readonly refusal: StoreAnswer["refusal"];
  readonly found: readonly Found[];
}

const refusals: readonly StoreAnswer["refusal"][] = [
  undefined,
  "limit",
  "blocked",
];

/** Reads a reply: `<refusal>;<refused> <blocked for> <now> <cell> …;…`, one part for each policy. */
export const readOutcome = (
  reply: string,
  parts: readonly { readonly policy: LimitPolicy; readonly flag: boolean }[],
): Outcome => {
  const texts = reply.split(";");
  const found = parts.map(({ policy, flag }, index): Found => {
    const words = (texts[index + 1] as string).split(" ");
    return {
      policy,
      enforced: flag,
      isRefused: words[0] === "1",
      blockedUs: Number(words[1]),
      now: Number(words[2]),
      cells: readCells(words, 3),
    };
  });
  return { refusal: refusals[Number(texts[0])], found };
};

/** A state from the words after the first so many. One alone stands for two, of which the second is 0. */
export const readCells = (
  words: readonly string[],
  first: number,
): Float64Array => {
  const cells = new Float64Array(Math.max(2, words.length - first));
  for (let at = first; at < words.length; at++)
    cells[at - first] = Number(words[at]);
  return cells;
};

/** The answer that an outcome amounts to. */
export const answerOf = (
  { refusal, found }: Outcome,
  cost: number,
): StoreAnswer => ({
  refusal,
  states: found.map((each) => stateOf(each, each.blockedUs, each.now, cost)),
  refused: found.map(({ isRefused }) => isRefused),
});

/**
 * The answer to a decision `elapsedMs` later, if nothing was taken or given back meanwhile; undefined once nothing
 * refuses any more.
 */
export const laterAnswer = (
  { found }: Outcome,
  cost: number,
  elapsedMs: number,
): StoreAnswer | undefined => {
  let refusal: StoreAnswer["refusal"];
  const refused: boolean[] = [];
  const states = found.map((each) => {
    const { policy, enforced } = each;
    const leftUs = Math.max(0, each.blockedUs - Math.round(elapsedMs * 1_000));
    const now = each.now + Math.round(elapsedMs * policy.unitsPerMs);
    const state = stateOf(each, leftUs, now, cost);
    const isRefused = state.retryAfterMs !== 0;
    refused.push(isRefused);
    if (isRefused && enforced && refusal !== "blocked")
      refusal = leftUs > 0 ? "blocked" : "limit";
    return state;
  });
  return refusal && { refusal, states, refused, source: "local" };
};

const stateOf = (
  { policy, cells }: Found,
  blockedUs: number,
  now: number,
  cost: number,
): LimitState => {
  const state = policy.describe(cells, 0, now, cost);
  return blockedUs > 0 ? blockedState(state, blockedUs / 1_000) : state;
};
