import {
  createLimiter,
  fixedWindow,
  memoryStore,
  slidingWindow,
  tokenBucket,
  type LimitPolicy,
  type MemoryLimiter,
} from "@dp/ratelimit";
import { maxKeys, type Contestant } from "./contestant.ts";

const limiterOf = (
  policies: Readonly<Record<string, LimitPolicy>>,
): MemoryLimiter<string> =>
  createLimiter({ policies, store: memoryStore({ maxKeys }) });

const inSync = (
  name: string,
  about: string,
  policiesFor: (perHour: number) => Readonly<Record<string, LimitPolicy>>,
): Contestant => ({
  name,
  about: `@dp/ratelimit: ${about}`,
  create: (perHour) => {
    const limiter = limiterOf(policiesFor(perHour));
    return (key) => limiter.takeSync(key).allowed;
  },
});

export const ours: readonly Contestant[] = [
  inSync("takeSync", "a whole decision", (limit) => ({
    api: tokenBucket({ limit, per: "1h" }),
  })),
  {
    name: "allow",
    about: "@dp/ratelimit: yes or no, awaited",
    create: (limit) => {
      const limiter = limiterOf({ api: tokenBucket({ limit, per: "1h" }) });
      return (key) => limiter.allow(key);
    },
  },
  inSync("takeSync, 2 policies", "both or none", (limit) => ({
    api: tokenBucket({ limit, per: "1h" }),
    slow: tokenBucket({ limit, per: "2h" }),
  })),
  inSync("takeSync, slidingWindow", "a whole decision", (limit) => ({
    api: slidingWindow({ limit, per: "1h" }),
  })),
  inSync("takeSync, fixedWindow", "a whole decision", (limit) => ({
    api: fixedWindow({ limit, per: "1h" }),
  })),
];
