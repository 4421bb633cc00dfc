const batch = 10_000;

/** Time this process has spent on a core, its garbage collected included: other work on the machine does not count. */
export const cpuNs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
};

const noop = async (): Promise<void> => {};
const call = async (): Promise<void> => {
  await noop();
};

/** Nanoseconds of CPU a call takes, awaited one after the other, of as many as fit into so many milliseconds. */
const timerOf =
  (awaitBatch: () => Promise<void>): ((forMs: number) => Promise<number>) =>
  async (forMs) => {
    const before = cpuNs();
    let spentNs = 0;
    let calls = 0;
    while (spentNs < forMs * 1e6) {
      await awaitBatch();
      calls += batch;
      spentNs = cpuNs() - before;
    }
    return spentNs / calls;
  };

/** The bare asynchronous call: `await noop()`, where `noop` is `async () => {}`, in a loop and nothing else. */
export const noopNs = timerOf(async () => {
  for (let index = 0; index < batch; index++) await noop();
});

/** The least asynchronous function of an application: awaited, and awaiting the bare call. */
export const callNs = timerOf(async () => {
  for (let index = 0; index < batch; index++) await call();
});
