import { ManualClock } from "@dp/core/testing";
import { createLimiter, tokenBucket, type MemoryLimiter } from "@dp/ratelimit";
import type { AnyLimiter } from "@dp/ratelimit/http";

/** Two requests a minute, on a clock that stands still. */
export const limiterOfTwo = (): MemoryLimiter<"api"> =>
  createLimiter({
    policies: { api: tokenBucket({ limit: 2, per: "1m" }) },
    clock: new ManualClock(),
  });

/** The ways in which a limiter takes part in the suite. */
export type LimiterKind = "answers at once" | "answers later" | "fails later";

export const limiterWhich = (kind: LimiterKind): AnyLimiter<"api"> => {
  const limiter = limiterOfTwo();
  if (kind === "answers at once") return limiter;
  return {
    take: async (keys, cost) => {
      await new Promise((resolve) => void setImmediate(resolve));
      if (kind === "fails later") throw new Error("the store is down");
      return limiter.take(keys, cost);
    },
  };
};

/** The key that the sites of the suite use. */
export const keyOfPath = (path: string | undefined): string => {
  if (path === "/broken") throw new Error("no key");
  return "ann";
};
