import { createLimiter, memoryStore, tokenBucket } from "@dp/ratelimit";
import { RateLimiter } from "limiter";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** Decides for one key; resolves to or is whether it was allowed. */
export type Decide = (key: string) => boolean | Promise<boolean>;

/** One way to limit, given units an hour (which is the burst too). */
export interface Contestant {
  readonly name: string;
  readonly about: string;
  create(perHour: number): Decide;
}

const hourMs = 3_600_000;
/** More keys than any scenario uses, so that no scenario measures a full store. */
const maxKeys = 4_000_000;

/** The least that can be done: a Map from key to theoretical arrival time, in floating point, with nothing bounded. */
const bare: Contestant = {
  name: "bare",
  about: "GCRA in a Map: a boolean, unbounded",
  create: (perHour) => {
    const arrivals = new Map<string, number>();
    const step = hourMs / perHour;
    return (key) => {
      const now = performance.now();
      const known = arrivals.get(key);
      const next = (known === undefined || known < now ? now : known) + step;
      // Half a step of grace, because these sums are not exact.
      if (next - now > hourMs + step / 2) return false;
      arrivals.set(key, next);
      return true;
    };
  },
};

const limiterOf = (perHour: number) =>
  createLimiter({
    policies: { api: tokenBucket({ limit: perHour, per: "1h" }) },
    store: memoryStore({ maxKeys }),
  });

const takeSync: Contestant = {
  name: "takeSync",
  about: "@dp/ratelimit: a whole decision",
  create: (perHour) => {
    const limiter = limiterOf(perHour);
    return (key) => limiter.takeSync(key).allowed;
  },
};

const take: Contestant = {
  name: "take",
  about: "@dp/ratelimit: take by allow(), awaited",
  create: (perHour) => {
    const limiter = limiterOf(perHour);
    return (key) => limiter.allow(key);
  },
};

const twoPolicies: Contestant = {
  name: "takeSync, 2 policies",
  about: "@dp/ratelimit: both or none",
  create: (perHour) => {
    const limiter = createLimiter({
      policies: {
        api: tokenBucket({ limit: perHour, per: "1h" }),
        slow: tokenBucket({ limit: perHour, per: "2h" }),
      },
      store: memoryStore({ maxKeys }),
    });
    return (key) => limiter.takeSync(key).allowed;
  },
};

const limiter: Contestant = {
  name: "limiter",
  about: "limiter 4.1, one object a key: a boolean",
  create: (perHour) => {
    const limiters = new Map<string, RateLimiter>();
    return (key) => {
      let known = limiters.get(key);
      if (known === undefined) {
        known = new RateLimiter({
          tokensPerInterval: perHour,
          interval: "hour",
        });
        limiters.set(key, known);
      }
      return known.tryRemoveTokens(1);
    };
  },
};

const flexible: Contestant = {
  name: "rate-limiter-flexible",
  about: "rate-limiter-flexible 11.4, memory, awaited",
  create: (perHour) => {
    const flexibleLimiter = new RateLimiterMemory({
      points: perHour,
      duration: 3600,
    });
    return async (key) => {
      try {
        await flexibleLimiter.consume(key);
        return true;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return false;
        throw refusal;
      }
    };
  },
};

/** The first is what the others are compared with. */
export const contestants: readonly Contestant[] = [
  bare,
  takeSync,
  take,
  twoPolicies,
  limiter,
  flexible,
];
