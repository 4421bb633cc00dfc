import type { RedisClient } from "../src/registries/redis/index.ts";

const client = {
  isReady: false,
  evalSha: () => Promise.resolve(),
  eval: () => Promise.resolve(),
  duplicate: () => client,
} as unknown as RedisClient;

/** A client that is never ready, for what asks it nothing. */
export const idleRedis: RedisClient = client;
