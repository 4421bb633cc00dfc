import { requireDuration, type Duration } from "@dp/core";
import type { Backoff } from "./backoff.ts";

/** Always waits the same. Many clients that failed together come back together: prefer `exponential` between machines. */
export const constant = (delay: Duration): Backoff => {
  const delayMs = requireDuration("delay", delay);
  return { delayMs: () => delayMs };
};
