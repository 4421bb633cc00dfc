import { createLimiter, memoryStore, tokenBucket } from "@dp/ratelimit";
import { heapBytes } from "../../heap.ts";
import { expectNone, keyOf } from "../../keys.ts";
import type { Figures } from "../../turns.ts";
import type { Contestant } from "./contestant.ts";

/** Bytes a key of 20 characters, that of the key's text included, with `count` of them held. */
export const bytesOf = async (
  contestant: Contestant,
  count: number,
): Promise<Figures> => {
  const decide = contestant.create(10);
  const before = heapBytes();
  for (let index = 0; index < count; index++) await decide(keyOf(index));
  const bytesPerKey = (heapBytes() - before) / count;
  if (!(await decide("one more"))) throw new Error("refused a new key");
  return { bytesPerKey };
};

/** A million distinct keys on a store of 100,000, of which 1,000 were throttled before. */
export const flood = (): Promise<Figures> => {
  const store = memoryStore({ maxKeys: 100_000 });
  const limiter = createLimiter({
    policies: { api: tokenBucket({ limit: 10, per: "1h" }) },
    store,
  });
  const throttled = Array.from({ length: 1_000 }, (_, index) => keyOf(index));
  for (const key of throttled) limiter.takeSync(key, 10);
  const before = heapBytes();
  const start = process.cpuUsage();
  for (let index = 0; index < 1_000_000; index++)
    limiter.takeSync(`flood-${index}`);
  const { user, system } = process.cpuUsage(start);
  const floodNs = (user + system) / 1_000;
  const bytes = heapBytes() - before;
  const freed = throttled.filter((key) => limiter.takeSync(key).allowed);
  expectNone(freed.length, "throttled keys after the flood");
  if (store.size > 100_000) throw new Error(`store holds ${store.size}`);
  return Promise.resolve({ floodNs, megabytes: bytes / 1e6, keys: store.size });
};
