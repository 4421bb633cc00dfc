import type { ManualClock } from "@dp/core/testing";
import { expect } from "vitest";

/** One turn of the real event loop: what sockets and files have to say is heard. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/**
 * A moment for the threads and processes that answer, where all a test may count is its own steps: turns alone are over
 * in a few milliseconds, which a busy machine does not give anybody else.
 */
export const breath = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 2));

/**
 * Moves the clock in steps while the real world answers, until the condition holds; fails after 20 s of real time.
 */
export const passUntil = async (
  clock: ManualClock,
  stepMs: number,
  condition: () => boolean,
): Promise<void> => {
  await expect
    .poll(
      async () => {
        if (condition()) return true;
        await clock.advance(stepMs);
        await turn();
        return condition();
      },
      { interval: 1, timeout: 20_000 },
    )
    .toBe(true);
};
