/** A process that registers one instance and lives until it is killed: `redis-provider.ts <url> <prefix> <ttl in ms>`. */
import { Redis } from "ioredis";
import { redisRegistry } from "../../src/registries/redis/index.ts";

const [url = "", prefix = "", ttl = ""] = process.argv.slice(2);
const registry = redisRegistry(new Redis(url), { prefix });
await registry.register({
  service: "web",
  host: "10.0.0.1",
  id: "provider",
  port: 8080,
  ttl: Number(ttl),
});
console.log("registered");
