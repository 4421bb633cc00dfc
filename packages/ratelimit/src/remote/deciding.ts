import { InvalidOptionError, type Clock } from "@dp/core";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { BoundPolicy } from "../stores/store.ts";

/** Longer than any policy counts ahead: 142 years. With it added, a time is still an exact integer. */
const longestBlockUs = 2 ** 52;

/** Throws `InvalidOptionError` for a policy of a kind that the store, which has a name, cannot count. */
export const requireKinds = (
  store: string,
  kinds: readonly string[],
  bound: readonly BoundPolicy[],
): void => {
  for (const { policy } of bound)
    if (!kinds.includes(policy.kind))
      throw new InvalidOptionError(
        "policies",
        policy.kind,
        `of a kind that ${store} can count: ${kinds.join(", ")}`,
      );
};

/** The length of a block in whole microseconds. */
export const blockUs = (forMs: number): number =>
  Math.min(longestBlockUs, microseconds(forMs));

export const microseconds = (ms: number): number => Math.round(ms * 1_000);

/** What decides for a subject, and the caller's time in its units: 0 without a clock, when the store's own time counts. */
export const decidingFor = (
  { policy: own }: BoundPolicy,
  subject: string,
  nowMs: number | undefined,
  clock: Clock | undefined,
): { readonly policy: LimitPolicy; readonly now: number } => {
  const policy = own.of?.(subject) ?? own;
  const readMs = policy.time === "wall" ? clock?.wallNow() : nowMs;
  return { policy, now: Math.round((readMs ?? 0) * policy.unitsPerMs) };
};
