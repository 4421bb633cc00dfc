export { redisStore, type RedisStore } from "./redis-store.ts";
export type { RedisStoreOptions } from "./redis-options.ts";
export type {
  IoredisScripts,
  NodeRedisScripts,
  RedisClient,
  ScriptInput,
} from "./redis-client.ts";
