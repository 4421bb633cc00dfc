import { setTimeout as delay } from "node:timers/promises";
import { systemClock, type Clock } from "@dp/core";
import { servicesSkipped, startEtcd, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, it } from "vitest";
import { etcdRegistry } from "../../../src/registries/etcd/index.ts";
import type { Registry } from "../../../src/registry.ts";
import { registrySuite } from "../../../src/testing/index.ts";
import { uniquePrefix } from "../../raw-etcd.ts";

let etcd: Server;
beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(() => etcd.stop());

/** Time on a real server passes by itself. */
const pass = (ms: number): Promise<void> => delay(ms);

/** Whose timers never come any more: what a process is after kill -9. */
class Heart implements Clock {
  #beats = true;
  now = (): number => systemClock.now();
  wallNow = (): number => systemClock.wallNow();
  sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    systemClock.sleep(delayMs, signal);

  schedule(delayMs: number, callback: () => void): () => void {
    return systemClock.schedule(delayMs, () => {
      if (this.#beats) callback();
    });
  }

  stop(): void {
    this.#beats = false;
  }
}

const hearts = new WeakMap<Registry, Map<string, Heart>>();

/** One registry object that reads, and one for each registration: a process of its own, as far as etcd can tell. */
const manyProcesses = (): Registry => {
  const options = { endpoints: [etcd.url], prefix: uniquePrefix() };
  const reader = etcdRegistry(options);
  const own = new Map<string, Heart>();
  const writers: Registry[] = [];
  const registry: Registry = {
    ...reader,
    register: (spec, registerOptions) => {
      const clock = new Heart();
      own.set(`${spec.service} ${spec.id}`, clock);
      const writer = etcdRegistry({ ...options, clock });
      writers.push(writer);
      return writer.register(spec, registerOptions);
    },
    async [Symbol.asyncDispose]() {
      for (const writer of writers) await writer[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
    },
  };
  hearts.set(registry, own);
  return registry;
};

describe.skipIf(servicesSkipped).concurrent("etcdRegistry", () => {
  const suite = registrySuite(
    ({ random }) =>
      etcdRegistry({ endpoints: [etcd.url], prefix: uniquePrefix(), random }),
    // A watch keeps 1024 events, and each update takes etcd milliseconds.
    { pass, backlog: 1100 },
  );
  for (const { name, run } of suite) it.concurrent(name, run);
});

describe
  .skipIf(servicesSkipped)
  .concurrent("etcdRegistry of processes that die", () => {
    const suite = registrySuite(manyProcesses, {
      pass,
      crash: (registry, service, id) =>
        hearts.get(registry)?.get(`${service} ${id}`)?.stop(),
    });
    for (const { name, run } of suite)
      if (/not renewed|dead holder/.test(name)) it.concurrent(name, run);
  });
