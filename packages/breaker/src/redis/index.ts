export {
  redisHints,
  type RedisHints,
  type RedisHintsOptions,
} from "./redis-hints.ts";
export type {
  IoredisClient,
  NodeRedisClient,
  RedisHintClient,
} from "./pub-sub.ts";
