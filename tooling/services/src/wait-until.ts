import { setTimeout as delay } from "node:timers/promises";

const pauseMs = 20;

/** Resolves when `condition` holds. Throws after `limitMs`, or as soon as `condition` throws, naming what was waited for. */
export const waitUntil = async (
  what: string,
  limitMs: number,
  condition: () => Promise<boolean>,
): Promise<void> => {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`${what} did not happen within ${limitMs} ms`);
    await delay(pauseMs);
  }
};
