import { requireInteger, type Clock } from "@dp/core";
import type { Decision } from "./decision.ts";

/**
 * A decision about a cost that is only guessed, to be settled when it is known.
 *
 * It settles once: the first of `settle`, `cancel` and the end of its time counts, the rest does nothing. Of a refusal
 * there is nothing to settle.
 */
export type Reservation<P extends string> = Decision<P> & {
  /** The call has cost `actual` (an integer of at least 0): the difference is given back, or taken without asking. */
  settle(actual: number): Promise<void>;
  /** The call did not take place: everything is given back. */
  cancel(): Promise<void>;
};

/**
 * The reservation of a decision. `adjust` is called once at most, with how much more (or less) than `cost` to charge.
 * When `ttlMs` have passed unsettled, everything is given back.
 */
export const createReservation = <P extends string>(
  decision: Decision<P>,
  cost: number,
  ttlMs: number,
  clock: Clock,
  adjust: (amount: number) => Promise<void>,
): Reservation<P> => {
  let isOpen = decision.allowed;
  const close = async (amount: number): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    forgetEnd?.();
    if (amount !== 0) await adjust(amount);
  };
  const forgetEnd = isOpen
    ? // Nobody waits for it, so nobody hears of a store that fails then; it is counted.
      clock.schedule(ttlMs, () => void close(-cost).catch(() => undefined))
    : undefined;
  return {
    ...decision,
    settle: async (actual) => close(requireInteger("actual", actual) - cost),
    cancel: () => close(-cost),
  };
};
