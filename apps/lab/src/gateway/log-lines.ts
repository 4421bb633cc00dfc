import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const countLines = async (file: string): Promise<number> => {
  let lines = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>)
    for (const byte of chunk) if (byte === 10) lines += 1;
  return lines;
};

// A log may be written in batches.
const logLimitMs = 2000;

/** Waits until the access log `file` has a line for each of `expected` requests; throws when it does not come to that. */
export const requireLines = async (
  file: string,
  expected: number,
): Promise<void> => {
  const giveUpAt = performance.now() + logLimitMs;
  let lines = await countLines(file);
  while (lines < expected && performance.now() < giveUpAt) {
    await sleep(50);
    lines = await countLines(file);
  }
  if (lines < expected)
    throw new Error(
      `the access log has ${lines} lines for ${expected} requests`,
    );
};
