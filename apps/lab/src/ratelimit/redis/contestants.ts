import { createLimiter, tokenBucket } from "@dp/ratelimit";
import { redisStore, type RedisStoreOptions } from "@dp/ratelimit/redis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { evalsha, get } from "./bare.ts";
import type { RedisContestant } from "./contestant.ts";

const ours = (
  name: string,
  about: string,
  options: RedisStoreOptions,
): RedisContestant => ({
  name,
  about: `@dp/ratelimit/redis: ${about}`,
  limits: true,
  create: (client, limit, prefix) => {
    const limiter = createLimiter({
      policies: { api: tokenBucket({ limit, per: "1h" }) },
      // A decision made elsewhere because a busy machine is late would be measured as one of Redis.
      store: redisStore(client, { prefix, timeout: "10s", ...options }),
      onStoreError: "throw",
    });
    return Promise.resolve(
      async (key: string) => (await limiter.take(key)).allowed,
    );
  },
});

const flexible: RedisContestant = {
  name: "rate-limiter-flexible",
  about: "RateLimiterRedis 11.4: a count in a fixed window",
  limits: true,
  create: (client, perHour, prefix) => {
    const limiter = new RateLimiterRedis({
      storeClient: client,
      keyPrefix: prefix,
      points: perHour,
      duration: 3_600,
    });
    return Promise.resolve(async (key: string) => {
      try {
        await limiter.consume(key);
        return true;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return false;
        throw refusal;
      }
    });
  },
};

const pipelined: RedisContestant = {
  ...flexible,
  name: "rate-limiter-flexible, pipelined",
  about: "the same with enableAutoPipelining of ioredis",
  isPipelined: true,
};

/** Leases are for keys that are asked for all the time. */
const hotKeys = 100;

/** The first is what the others are compared with. */
export const redisContestants: readonly RedisContestant[] = [
  evalsha,
  get,
  flexible,
  pipelined,
  ours("batch: false", "a whole decision, a call each", { batch: false }),
  ours("batched", "a whole decision, 16 a call", {}),
  {
    ...flexible,
    name: "rate-limiter-flexible, hot",
    about: `${flexible.about}; ${hotKeys} keys`,
    keys: hotKeys,
  },
  {
    ...ours("leased, hot", `lease: 1_000; ${hotKeys} keys`, { lease: 1_000 }),
    keys: hotKeys,
    times: 20,
  },
];
