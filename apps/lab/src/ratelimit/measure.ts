/** Measures one contestant in a process of its own, and prints the figures as JSON: `measure.ts <name> <scenario>`. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLimiter, memoryStore, tokenBucket } from "@dp/ratelimit";
import { contestants, type Contestant, type Decide } from "./contestants.ts";

const keyCount = 10_000;
/** 20 characters, and new string objects each time: a server too cuts its keys from requests. */
const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    `client-${index}`.padEnd(20, "."),
  );

/** Visits the keys in an order that no cache can guess; the same in every run. */
const shuffled = (keys: string[]): string[] => {
  let state = 1;
  for (let index = keys.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [keys[index], keys[other]] = [keys[other] ?? "", keys[index] ?? ""];
  }
  return keys;
};

const expectAll = (wrong: number, what: string): void => {
  if (wrong > 0) throw new Error(`${what}: ${wrong} wrong answers`);
};

/** Five of eight takes are right for a limit of five, for every key, whatever else is decided in between. */
const checkExactness = async (contestant: Contestant): Promise<void> => {
  const decide = contestant.create(5);
  let wrong = 0;
  for (let take = 0; take < 8; take++)
    for (const key of keysOf(200))
      if ((await decide(key)) !== take < 5) wrong++;
  expectAll(wrong, contestant.name);
};

const batch = 20_000;
const warmUpBatches = 10;
const measuredBatches = 25;

/**
 * Nanoseconds of CPU a decision takes when each answers `expected`: the best of many batches. CPU time and not time on
 * the wall, and the best and not the median, because other work on the machine can only add; collecting the garbage of
 * the decisions is in it.
 */
const timeOf = async (
  decide: Decide,
  expected: boolean,
  what: string,
): Promise<number> => {
  const keys = shuffled(keysOf(keyCount));
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
  const costs: number[] = [];
  for (let round = 0; round < warmUpBatches + measuredBatches; round++) {
    const before = process.cpuUsage();
    if (promised) await awaitBatch();
    else runBatch();
    const { user, system } = process.cpuUsage(before);
    if (round >= warmUpBatches) costs.push(((user + system) * 1000) / batch);
  }
  expectAll(wrong, what);
  return Math.min(...costs);
};

const speed = async (contestant: Contestant): Promise<object> => {
  await checkExactness(contestant);
  const free = contestant.create(100_000_000);
  const spent = contestant.create(1);
  for (const key of keysOf(keyCount)) {
    await free(key);
    await spent(key);
  }
  return {
    allowedNs: await timeOf(free, true, `${contestant.name} allowed`),
    refusedNs: await timeOf(spent, false, `${contestant.name} refused`),
  };
};

const heapBytes = (): number => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** Bytes a key of 20 characters, that of the key's text included, with `count` of them held. */
const memory = async (
  contestant: Contestant,
  count: number,
): Promise<object> => {
  const decide = contestant.create(10);
  const before = heapBytes();
  for (let index = 0; index < count; index++)
    await decide(`client-${index}`.padEnd(20, "."));
  const bytesPerKey = (heapBytes() - before) / count;
  // What @dp/ratelimit promises for one policy.
  if (contestant.name === "takeSync" && bytesPerKey > 200)
    throw new Error(`${bytesPerKey} bytes a key`);
  if (!(await decide("one more"))) throw new Error("refused a new key");
  return { bytesPerKey };
};

/** A million distinct keys on a store of 100,000, of which 1,000 were throttled before. */
const flood = (): object => {
  const store = memoryStore({ maxKeys: 100_000 });
  const limiter = createLimiter({
    policies: { api: tokenBucket({ limit: 10, per: "1h" }) },
    store,
  });
  const throttled = keysOf(1000);
  for (const key of throttled) limiter.takeSync(key, 10);
  const before = heapBytes();
  const start = process.cpuUsage();
  for (let index = 0; index < 1_000_000; index++)
    limiter.takeSync(`flood-${index}`);
  const { user, system } = process.cpuUsage(start);
  const floodNs = (user + system) / 1000;
  const bytes = heapBytes() - before;
  const freed = throttled.filter((key) => limiter.takeSync(key).allowed);
  expectAll(freed.length, "flood freed throttled keys");
  if (store.size > 100_000) throw new Error(`store holds ${store.size}`);
  return { floodNs, megabytes: bytes / 1e6, keys: store.size };
};

const [name, scenario, count] = process.argv.slice(2);
const contestant = contestants.find((each) => each.name === name);
const figures =
  contestant === undefined
    ? flood()
    : scenario === "memory"
      ? await memory(contestant, Number(count))
      : await speed(contestant);
console.log(JSON.stringify(figures));
// Some contestants leave timers behind.
process.exit();
