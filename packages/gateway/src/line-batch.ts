import type { Clock } from "@dp/core";

/** Lines wait for each other this long, or until there is this much. */
const flushMs = 100;
const flushLength = 32 * 1024;

/** Puts lines together, so that many requests cost one write. */
export interface LineBatch {
  add(line: string): void;
  /** Writes what is held. */
  flush(): void;
}

/** A batch that hands its lines, each with its line break, to `write`. */
export const createLineBatch = (
  clock: Clock,
  write: (lines: string) => void,
): LineBatch => {
  let held = "";
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const lines = held;
    held = "";
    if (lines !== "") write(lines);
  };
  return {
    flush,
    add(line) {
      held += `${line}\n`;
      if (held.length >= flushLength) flush();
      else cancel ??= clock.schedule(flushMs, flush);
    },
  };
};
