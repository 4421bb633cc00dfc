import type { LimitPolicy } from "../algorithms/algorithm.ts";

/** What the script does with one subject each of the policies of a limiter; the numbers are the script's. */
export const operationCodes = {
  peek: 0,
  take: 1,
  adjust: 2,
  block: 3,
  reset: 4,
} as const;

/** One subject of one policy. */
export interface Part {
  readonly policy: LimitPolicy;
  /** Names the states of the policy: who has the same counts the same subjects, by equal numbers. */
  readonly states: string;
  /** Where its state is. */
  readonly key: string;
  /** Where it says until when it is blocked. */
  readonly blockKey: string;
  /** For a decision: whether it can refuse. For an adjustment: whether it is left alone. */
  readonly flag: boolean;
  /** The caller's time in the policy's units, if it has a clock. */
  readonly now: number;
}

/** One thing to do, atomically. */
export interface Operation {
  readonly code: (typeof operationCodes)[keyof typeof operationCodes];
  /** The cost, the amount, or how many microseconds. */
  readonly amount: number;
  /** The caller's time in microseconds; undefined: Redis' own is asked. */
  readonly nowUs: number | undefined;
  readonly parts: readonly Part[];
  /** All keys have this hash tag. */
  readonly tag: string;
}

/** The keys of a call and its plan, in JSON: the policies and the operations, which refer to both by their places. */
export const planOf = (
  operations: readonly Operation[],
): { readonly keys: string[]; readonly plan: string } => {
  const keys = new Places<string>();
  const policies = new Places<LimitPolicy>();
  const rows = operations.map(({ code, amount, nowUs, parts }) => {
    const row = [code, amount, nowUs === undefined ? 0 : 1, nowUs ?? 0];
    for (const { policy, key, blockKey, flag, now } of parts)
      row.push(
        policies.of(policy),
        keys.of(key),
        keys.of(blockKey),
        flag ? 1 : 0,
        now,
      );
    return row;
  });
  const plan = JSON.stringify([policies.all.map(numbersOf), rows]);
  return { keys: keys.all, plan };
};

/** What the script has to know of a policy. */
export const numbersOf = (policy: LimitPolicy): (string | number)[] => [
  policy.kind,
  policy.limit,
  policy.burst,
  Math.round(policy.periodMs * policy.unitsPerMs),
  policy.unitsPerMs,
  policy.time === "wall" ? 1 : 0,
];

/** Things in the order of their first mention, counted from 1 as Lua does. */
class Places<T> {
  readonly all: T[] = [];
  readonly #places = new Map<T, number>();

  of(thing: T): number {
    let place = this.#places.get(thing);
    if (place === undefined) {
      place = this.all.push(thing);
      this.#places.set(thing, place);
    }
    return place;
  }
}
