/**
 * One of several processes that take from one subject until it refuses: `redis-taker.ts <url> <prefix> <limit>
 * [<lease>]`. Prints how often it was let through.
 */
import { createLimiter, tokenBucket } from "../../src/index.ts";
import { redisStore } from "../../src/redis/index.ts";
import { connected } from "./redis-connections.ts";

const [url = "", prefix = "", limit = "", lease = "0"] = process.argv.slice(2);
const connection = await connected("ioredis", url);
const store = redisStore(connection.client, {
  prefix,
  timeout: "20s",
  lease: Number(lease),
});
const limiter = createLimiter({
  policies: { shared: tokenBucket({ limit: Number(limit), per: "365d" }) },
  store,
  onStoreError: "throw",
});
let admitted = 0;
for (let open = true; open;) {
  const takes = Array.from({ length: 20 }, () => limiter.allow("everybody"));
  const allowed = (await Promise.all(takes)).filter(Boolean).length;
  admitted += allowed;
  open = allowed > 0;
}
console.log(admitted);
store.close();
connection.end();
