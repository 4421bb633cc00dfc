import { describe, it } from "vitest";
import type { Registry } from "../../src/index.ts";
import { consulIdOf } from "../../src/registries/consul/consul-announcement.ts";
import { consulRegistry } from "../../src/registries/consul/index.ts";
import { registrySuite } from "../../src/testing/index.ts";
import { ConsulDouble } from "./consul-double.ts";
import { passOn, type Advancing } from "./virtual-time.ts";

describe("the registry in Consul", () => {
  let current: Advancing;
  const doubles = new WeakMap<Registry, ConsulDouble>();
  const suite = registrySuite(
    ({ clock, random }) => {
      current = clock as unknown as Advancing;
      const consul = new ConsulDouble(clock);
      const registry = consulRegistry({
        url: "http://consul",
        fetch: consul.fetch,
        clock,
        random,
      });
      const disposed = {
        ...registry,
        async [Symbol.asyncDispose]() {
          await registry[Symbol.asyncDispose]();
          consul.close();
        },
      };
      doubles.set(disposed, consul);
      return disposed;
    },
    {
      granularity: "states",
      pass: (ms) => passOn(current, ms),
      crash: (registry, service, id) =>
        void doubles.get(registry)!.dead.add(consulIdOf(service, id)),
    },
  );
  it.each(suite)("$name", ({ run }) => run());
});
