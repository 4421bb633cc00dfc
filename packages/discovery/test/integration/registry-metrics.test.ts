import { renderPrometheus, type MetricSource } from "@dp/core";
import { describe, expect, it } from "vitest";
import { dnsRegistry, fileRegistry, type Registry } from "../../src/index.ts";
import { consulRegistry } from "../../src/registries/consul/index.ts";
import { etcdRegistry } from "../../src/registries/etcd/index.ts";
import { kubernetesRegistry } from "../../src/registries/kubernetes/index.ts";
import { redisRegistry } from "../../src/registries/redis/index.ts";
import { idleRedis } from "../idle-redis.ts";

type Measured = Registry & MetricSource;

const url = "http://127.0.0.1:1";

const factories: Readonly<Record<string, (name?: string) => Measured>> = {
  etcd: (name) => etcdRegistry({ endpoints: [url], name }),
  redis: (name) => redisRegistry(idleRedis, { name }),
  consul: (name) => consulRegistry({ url, name }),
  dns: (name) => dnsRegistry({ name }),
  file: (name) => fileRegistry("none.json", { name }),
  kubernetes: (name) => kubernetesRegistry({ url, name }),
};

const close = async (registries: readonly Measured[]): Promise<void> => {
  for (const each of registries) await each[Symbol.asyncDispose]();
};

describe("metrics of registries that are rendered together", () => {
  it("say the same of each family: its type, help and labels", async () => {
    const registries = Object.values(factories).map((make) => make());
    const said = new Map<string, Set<string>>();
    for (const registry of registries)
      for (const { name, help, type, samples } of registry.metrics())
        for (const { labels } of samples)
          said.set(
            name,
            (said.get(name) ?? new Set()).add(
              [type, help, ...Object.keys(labels).sort()].join(),
            ),
          );
    expect([...said].filter(([, ways]) => ways.size > 1)).toEqual([]);
    await close(registries);
  });

  it.each(Object.entries(factories))(
    "tell two of %s apart by the names they were given",
    async (kind, make) => {
      const registries = [make(), make("other")];
      for (const registry of registries)
        for (const { samples } of registry.metrics())
          for (const { labels } of samples)
            expect([kind, "other"]).toContain(labels["registry"]);
      const text = renderPrometheus(registries);
      for (const name of [kind, "other"])
        expect(text).toContain(
          `dp_discovery_watched_services{registry="${name}"} 0\n`,
        );
      await close(registries);
    },
  );
});
