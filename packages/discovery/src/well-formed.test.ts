import { describe, expect, it } from "vitest";
import { idleRedis } from "../test/idle-redis.ts";
import type { Registry } from "./registry.ts";
import { consulRegistry } from "./registries/consul/index.ts";
import { etcdRegistry } from "./registries/etcd/index.ts";
import { memoryRegistry } from "./registries/memory.ts";
import { redisRegistry } from "./registries/redis/index.ts";

const url = "http://127.0.0.1:1";
const half = "\ud800";

describe.each<[string, () => Registry]>([
  ["etcd", () => etcdRegistry({ endpoints: [url] })],
  ["redis", () => redisRegistry(idleRedis)],
  ["consul", () => consulRegistry({ url })],
])("a name that is no well-formed Unicode, in %s", (_kind, make) => {
  it("is refused at once, wherever it is given", async () => {
    await using registry = make();
    const address = { host: "h", port: 1 };
    for (const refused of [
      registry.register({ ...address, service: half }),
      registry.register({ ...address, service: "web", id: half }),
      registry.list(half),
      registry.watch(half)[Symbol.asyncIterator]().next(),
    ])
      await expect(refused).rejects.toThrow(/DP_INVALID_OPTION.*Unicode/);
  });
});

describe("an instance whose names are no well-formed Unicode", () => {
  it("is refused in memory as well, where hash balancers would take two ids for one", async () => {
    await using registry = memoryRegistry();
    const spec = { service: "web", host: "h", port: 1 };
    for (const name of ["service", "host", "id"])
      await expect(
        registry.register({ ...spec, [name]: half }),
      ).rejects.toThrow(`DP_INVALID_OPTION: ${name}`);
  });
});
