import { expectNone, keyOf, shuffledKeys } from "../../keys.ts";
import type { Turn } from "../../turns.ts";
import type { Contestant, Decide } from "./contestant.ts";

const keyCount = 10_000;
const batch = 2 * keyCount;
const warmUpBatches = 10;

/** Five of eight takes are right for a limit of five, for every key, whatever else is decided in between. */
export const checkExactness = async (contestant: Contestant): Promise<void> => {
  const decide = contestant.create(5);
  let wrong = 0;
  for (let take = 0; take < 8; take++)
    for (let index = 0; index < 200; index++)
      if ((await decide(keyOf(index))) !== take < 5) wrong++;
  expectNone(wrong, contestant.name);
};

/**
 * Nanoseconds of this process's CPU a decision takes when each has to answer `expected`. CPU time and not time on the
 * wall, because other work on the machine adds to that; collecting the garbage of the decisions is in it.
 */
const timerOf = (
  decide: Decide,
  expected: boolean,
  what: string,
): ((batches: number) => Promise<number>) => {
  const keys = shuffledKeys(keyCount);
  const promised = decide(keys[0] ?? "") instanceof Promise;
  let wrong = 0;
  const runBatch = (): void => {
    for (let index = 0; index < batch; index++)
      if (decide(keys[index % keyCount] ?? "") !== expected) wrong++;
  };
  const awaitBatch = async (): Promise<void> => {
    for (let index = 0; index < batch; index++)
      if ((await decide(keys[index % keyCount] ?? "")) !== expected) wrong++;
  };
  return async (batches) => {
    const before = process.cpuUsage();
    for (let count = 0; count < batches; count++)
      if (promised) await awaitBatch();
      else runBatch();
    const { user, system } = process.cpuUsage(before);
    expectNone(wrong, what);
    return ((user + system) * 1_000) / (batches * batch);
  };
};

/** Checks a contestant, warms it up, and gives its turns of so many batches of 20,000 over 10,000 keys. */
export const speedOf = async (
  contestant: Contestant,
  batches: number,
): Promise<Turn> => {
  await checkExactness(contestant);
  const { name } = contestant;
  const free = contestant.create(100_000_000);
  const spent = contestant.create(1);
  for (const key of shuffledKeys(keyCount)) {
    await free(key);
    await spent(key);
  }
  const allowed = timerOf(free, true, `${name}, allowed`);
  const refused = timerOf(spent, false, `${name}, refused`);
  await allowed(warmUpBatches);
  await refused(warmUpBatches);
  return async () => ({
    allowedNs: await allowed(batches),
    refusedNs: await refused(batches),
  });
};
