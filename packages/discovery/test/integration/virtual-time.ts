import { setImmediate as turn } from "node:timers/promises";

/** What is needed of a `ManualClock`. */
export interface Advancing {
  advance(ms: number): Promise<void>;
}

/** Lets virtual time pass step by step, with turns of the event loop in between in which promises settle. */
export const passOn = async (
  clock: Advancing,
  ms: number,
  stepMs = 50,
): Promise<void> => {
  for (let left = ms; left > 0; left -= stepMs) {
    await turn();
    await clock.advance(Math.min(left, stepMs));
  }
  for (let turns = 0; turns < 3; turns++) await turn();
};
