/** Registers itself, says so, and lives until it is killed. */
import { etcdRegistry } from "../../../src/registries/etcd/index.ts";

const [url = "", prefix = "", id = ""] = process.argv.slice(2);
const registry = etcdRegistry({ endpoints: [url], prefix });
const { grantedTtlMs } = await registry.register({
  service: "web",
  id,
  host: "10.0.0.1",
  port: 80,
  ttl: "2s",
});
process.on("SIGTERM", () => {
  // Nothing else may keep this process alive after it.
  process.removeAllListeners("SIGTERM");
  void registry[Symbol.asyncDispose]();
});
// Last: whoever reads it may send the signal at once.
console.log(JSON.stringify({ grantedTtlMs }));
