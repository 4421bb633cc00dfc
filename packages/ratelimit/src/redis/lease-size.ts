import type { LimitState } from "../decision.ts";
import type { BoundPolicy } from "../stores/store.ts";

/** Below it a lease spares too little. */
const leastLease = 2;
/** What comes back in jumps, or is not used, is held no longer. */
export const longestIdleMs: number = 1_000;

/**
 * How many units to take beyond `cost`, of at most `most`: a quarter of what was left, so that a subject near its limit
 * is decided exactly. 0 if that is too little to be of use.
 */
export const leaseSize = (
  remaining: number,
  cost: number,
  most: number,
): number => {
  const size = Math.min(most, Math.floor(remaining / 4));
  const isUseful = size >= Math.max(leastLease, cost);
  return isUseful && cost + size <= remaining ? size : 0;
};

/**
 * For how long `size` units may be kept: the time in which they come back, by the slowest enforced policy; where units
 * come back in jumps, no longer than until all are back, and 1 s at most.
 */
export const leaseSpanMs = (
  size: number,
  bound: readonly BoundPolicy[],
  subjects: readonly string[],
  states: readonly LimitState[],
): number => {
  let slowestMs = 0;
  let jumpMs = Infinity;
  for (const [index, { policy: own, enforced }] of bound.entries()) {
    if (!enforced) continue;
    const { paceMs } = own.of?.(subjects[index] as string) ?? own;
    if (paceMs !== undefined) slowestMs = Math.max(slowestMs, size * paceMs);
    else {
      const resetMs = (states[index] as LimitState).resetAfterMs;
      jumpMs = Math.min(jumpMs, resetMs, longestIdleMs);
    }
  }
  if (slowestMs === 0) return Math.min(jumpMs, longestIdleMs);
  return Math.min(slowestMs, jumpMs);
};
