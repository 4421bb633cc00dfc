import { setTimeout as sleep } from "node:timers/promises";

/** Resolves with the first value that is not undefined or false; rejects, naming `what`, when none came in time. */
export const waitFor = async <T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, undefined | false>> => {
  const limitMs = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false)
      return value as Exclude<T, undefined | false>;
    if (performance.now() > limitMs)
      throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await sleep(15);
  }
};
