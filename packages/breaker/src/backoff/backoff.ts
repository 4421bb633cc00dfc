import type { Random } from "@dp/core";

/** How long to wait before each of several tries. Without state: one backoff may serve any number of sequences. */
export interface Backoff {
  /**
   * Milliseconds to wait before repeat number `attempt` (1 is the first repeat). `previousMs` is what was waited
   * before the last one, 0 before the first. Anything that is not a number of at least 0 counts as 0.
   */
  delayMs(attempt: number, previousMs: number, random: Random): number;
}
