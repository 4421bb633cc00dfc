/** How long a condition may take on a busy machine before the test gives up. */
const boundMs = 5_000;

/** Lets the event loop poll for I/O once. */
export const polled = (): Promise<void> =>
  new Promise((resolve) => setImmediate(resolve));

/** Waits until `condition` holds; rejects, naming `what`, if it does not in five seconds. */
export const until = async (
  what: string,
  condition: () => boolean,
): Promise<void> => {
  const giveUpAt = performance.now() + boundMs;
  for (let round = 0; !condition(); round++) {
    if (performance.now() > giveUpAt) throw new Error(`never came: ${what}`);
    if (round < 50) await polled();
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
};
