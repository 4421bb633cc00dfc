import { Seat } from "./roster.ts";

/**
 * How long a failed request goes on counting as if it were in flight, fading. An instance that fails at once looks
 * like one that takes this long, so as long as real requests are faster it draws less than its share.
 */
const fadeMs = 10_000;

export class DebtSeat extends Seat {
  /** Failures still counted, as of `debtAtMs`; fades exponentially. */
  debt = 0;
  debtAtMs = 0;
}

const exactDebt = (seat: DebtSeat, nowMs: number): number =>
  seat.debt * Math.exp((seat.debtAtMs - nowMs) / fadeMs);

/**
 * Failures that still count as in flight. Whole, so that it is over some time after the last; else a trace of it would
 * lose every tie.
 */
export const debtAt = (seat: DebtSeat, nowMs: number): number =>
  Math.round(exactDebt(seat, nowMs));

/** Counts one failure more. */
export const addDebt = (seat: DebtSeat, nowMs: number): void => {
  seat.debt = exactDebt(seat, nowMs) + 1;
  seat.debtAtMs = nowMs;
};
