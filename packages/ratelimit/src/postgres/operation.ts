import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { Value } from "./statements.ts";

/** One subject of one policy. */
export interface Part {
  /** The place of the policy in its limiter. */
  readonly index: number;
  readonly policy: LimitPolicy;
  readonly key: string;
  readonly blockKey: string | null;
  /** Whether it can refuse. */
  readonly flag: boolean;
  /** The caller's time in the policy's units, if it has a clock. */
  readonly now: number;
}

/** What the database has to know of the parts: keys, keys of blocks, kinds, numbers. See `sql/operations.ts`. */
export const valuesOf = (
  parts: readonly Part[],
): {
  readonly keys: Value;
  readonly blockKeys: Value;
  readonly kinds: Value;
  readonly numbers: Value;
} => ({
  keys: arrayOf(parts.map(({ key }) => key)),
  blockKeys: arrayOf(parts.map(({ blockKey }) => blockKey)),
  kinds: arrayOf(parts.map(({ policy }) => policy.kind)),
  numbers: `{${parts.map(numbersOf).join()}}`,
});

const numbersOf = ({ policy, flag, now }: Part): string =>
  [
    policy.limit,
    policy.burst,
    Math.round(policy.periodMs * policy.unitsPerMs),
    policy.unitsPerMs,
    policy.time === "wall" ? 1 : 0,
    flag ? 1 : 0,
    now,
  ].join();

/** An array of texts as PostgreSQL writes it, because clients differ in how they do. */
export const arrayOf = (texts: readonly (string | null)[]): string => {
  const quoted = texts.map((text) =>
    text === null ? "NULL" : `"${text.replace(/["\\]/g, "\\$&")}"`,
  );
  return `{${quoted.join()}}`;
};
