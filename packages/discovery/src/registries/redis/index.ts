export {
  redisRegistry,
  type RedisRegistry,
  type RedisRegistryOptions,
} from "./redis-registry.ts";
export type {
  IoredisClient,
  IoredisReader,
  NodeRedisClient,
  NodeRedisReader,
  RedisClient,
  ScriptInput,
} from "./redis-client.ts";
