import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import type { Registry, WatchEvent } from "../../src/index.ts";
import {
  redisRegistry,
  type RedisClient,
} from "../../src/registries/redis/index.ts";
import { checkHistory, type HistoryEntry } from "../../src/testing/index.ts";
import {
  eventually,
  freshPrefix,
  isSkipped,
  libraries,
  RedisScene,
} from "./redis-scene.ts";
import { startRedisProxy } from "./redis-proxy.ts";

const web = (id: string, port = 8080) => ({
  service: "web",
  host: "10.0.0.1",
  id,
  port,
});

describe.skipIf(isSkipped).each(Object.keys(libraries))(
  "a watch in Redis with %s",
  (library) => {
    const scene = new RedisScene();

    const record = (registry: Registry): WatchEvent<unknown>[] => {
      const events: WatchEvent<unknown>[] = [];
      const abort = new AbortController();
      scene.cleanUps.push(() => abort.abort());
      const { signal } = abort;
      void (async () => {
        for await (const event of registry.watch("web", { signal }))
          events.push(event);
      })();
      return events;
    };
    const known = (events: WatchEvent<unknown>[]): Promise<void> =>
      eventually("a first event", () => events.length > 0);
    const puts = (events: WatchEvent<unknown>[]): number =>
      events.filter(({ type }) => type === "delta").length;
    const ofType = <T extends WatchEvent<unknown>["type"]>(
      events: WatchEvent<unknown>[],
      type: T,
    ) =>
      events.filter(
        (event): event is Extract<WatchEvent<unknown>, { type: T }> =>
          event.type === type,
      );
    const proxied = async () => {
      const proxy = await startRedisProxy(scene.redis.port);
      scene.cleanUps.push(() => proxy.close());
      return proxy;
    };

    it("loses no change over a connection that is cut again and again", async () => {
      const proxy = await proxied();
      const prefix = freshPrefix();
      const writer = scene.registry(library, { prefix });
      const errors: Error[] = [];
      const events = record(
        scene.registry(library, {
          prefix,
          url: proxy.url,
          onError: (error) => errors.push(error),
        }),
      );
      await known(events);
      const truth: HistoryEntry[] = [];
      const registration = await writer.register(web("a"));
      truth.push({
        change: { op: "put", instance: registration.instance },
        revision: registration.instance.revision,
      });
      for (let round = 1; round <= 300; round++) {
        if (round % 25 === 0) proxy.cut();
        await registration.update({ weight: round });
        truth.push({
          change: { op: "put", instance: registration.instance },
          revision: registration.instance.revision,
        });
      }
      await eventually("every change", () => puts(events) === truth.length);
      checkHistory(truth, events, { complete: true });
      expect(ofType(events, "sync")).toHaveLength(1);
      expect(ofType(events, "stale").length).toBeGreaterThan(0);
      await eventually(
        "contact",
        () => ofType(events, "fresh").length === ofType(events, "stale").length,
      );
      expect(errors.length).toBeGreaterThan(0);
    });

    it("is stale while Redis cannot be reached, and then catches up", async () => {
      const proxy = await proxied();
      const prefix = freshPrefix();
      const writer = scene.registry(library, { prefix });
      const events = record(
        scene.registry(library, { prefix, url: proxy.url }),
      );
      await known(events);
      proxy.mode = "refuse";
      proxy.cut();
      await eventually("stale", () => events.at(-1)?.type === "stale");
      await writer.register(web("a"));
      expect(events).toHaveLength(2);
      proxy.mode = "pass";
      await eventually("the change", () => puts(events) === 1);
      expect(events.map(({ type }) => type)).toEqual([
        ...["sync", "stale", "fresh", "delta"],
      ]);
    });

    it("notices a Redis that went silent", async () => {
      const proxy = await proxied();
      const events = record(
        scene.registry(library, { url: proxy.url, detect: 300 }),
      );
      await known(events);
      proxy.mode = "hold";
      await eventually("stale", () => events.at(-1)?.type === "stale");
      proxy.mode = "pass";
      proxy.cut();
      await eventually("fresh", () => events.at(-1)?.type === "fresh");
    });

    it("is told the state anew when the log is trimmed past it", async () => {
      const proxy = await proxied();
      const prefix = freshPrefix();
      const writer = scene.registry(library, { prefix, history: 10 });
      const watcher = scene.registry(library, { prefix, url: proxy.url });
      const events = record(watcher);
      await known(events);
      const a = await writer.register(web("a"));
      await writer.register(web("b"));
      await eventually("both", () => puts(events) === 2);
      proxy.mode = "refuse";
      proxy.cut();
      await eventually("stale", () => events.at(-1)?.type === "stale");
      for (let round = 1; round <= 300; round++)
        await a.update({ weight: round });
      const before = events.length;
      proxy.mode = "pass";
      await eventually("an event", () => events.length > before);
      const sync = events[before];
      expect(sync).toMatchObject({
        type: "sync",
        reason: "compacted",
        revision: a.instance.revision,
      });
      expect(ofType(events, "sync").at(-1)?.instances.get("a")).toEqual(
        a.instance,
      );
      await a.update({ weight: 301 });
      await eventually(
        "what comes after",
        () => events.at(-1)?.type === "delta",
      );
    });

    it("skips a record it cannot read and says so", async () => {
      const prefix = freshPrefix();
      const errors: string[] = [];
      const registry = scene.registry(library, {
        prefix,
        onError: (error) => errors.push(error.message),
      });
      const { command } = scene.connect(library);
      await command("HSET", `${prefix}:{web}:members`, "bad", "nonsense");
      await registry.register(web("good"));
      const events = record(registry);
      await known(events);
      const ids = (await registry.list("web")).map(({ id }) => id);
      expect(ids).toEqual(["good"]);
      expect([...ofType(events, "sync")[0]!.instances.keys()]).toEqual(ids);
      expect(errors.join()).toContain("web bad in Redis: not JSON");
    });

    it("keeps services whose names are odd apart", async () => {
      const registry = scene.registry(library);
      const names = ["a b", "{", "{}", "}{", "%7B", "é{x}"].sort();
      for (const service of names)
        await registry.register({ ...web("one"), service });
      expect(await registry.services()).toEqual(names);
      for (const service of names)
        expect(await registry.list(service)).toHaveLength(1);
    });

    it("forgets the names of services that are gone", async () => {
      const prefix = freshPrefix();
      const registry = scene.registry(library, { prefix });
      const { command } = scene.connect(library);
      const gone = await registry.register({ ...web("a"), service: "gone" });
      await registry.register(web("a"));
      await gone.close();
      expect(await registry.services()).toEqual(["web"]);
      expect(await command("SMEMBERS", `${prefix}:services`)).toEqual(["web"]);
      const keeps = await command("PTTL", `${prefix}:{gone}:log`);
      expect(Number(keeps)).toBeGreaterThan(0);
      expect(await command("PTTL", `${prefix}:{web}:log`)).toBe(-1);
    });

    it("spares everybody once when nobody looked for long and all leases are over", async () => {
      const prefix = freshPrefix();
      const { command } = scene.connect(library);
      const registry = scene.registry(library, { prefix });
      const a = await registry.register({ ...web("a"), ttl: "60s" });
      const key = (part: string): string => `${prefix}:{web}:${part}`;
      const endAllLeases = async (): Promise<void> => {
        await command("ZADD", key("deadlines"), "1", "a");
        await command("HSET", key("head"), "seen", "1");
      };
      await endAllLeases();
      expect(await registry.list("web")).toEqual([a.instance]);
      await endAllLeases();
      expect(await registry.list("web")).toEqual([]);
    });

    it("spares nobody while others are alive or somebody looked", async () => {
      const prefix = freshPrefix();
      const { command } = scene.connect(library);
      const registry = scene.registry(library, { prefix });
      await registry.register({ ...web("a"), ttl: "60s" });
      const b = await registry.register({ ...web("b"), ttl: "60s" });
      const key = (part: string): string => `${prefix}:{web}:${part}`;
      await command("HSET", key("head"), "seen", "1");
      await command("ZADD", key("deadlines"), "1", "a");
      expect(await registry.list("web")).toEqual([b.instance]);
      await command("ZADD", key("deadlines"), "1", "b");
      expect(await registry.list("web")).toEqual([]);
    });

    it("rejects a list rather than wait for a connection for ever", async () => {
      const proxy = await proxied();
      proxy.mode = "refuse";
      const registry = scene.registry(library, { url: proxy.url, detect: 100 });
      await expect(registry.list("web")).rejects.toMatchObject({
        code: "DP_REGISTRY_TIMEOUT",
      });
    });

    it("leaves no connection behind", async () => {
      const proxy = await proxied();
      const registry = scene.registry(library, { url: proxy.url });
      await registry.list("web");
      expect(proxy.connections).toBe(1);
      const abort = new AbortController();
      const { signal } = abort;
      const watch = registry.watch("web", { signal })[Symbol.asyncIterator]();
      await watch.next();
      await eventually(
        "a connection of its own",
        () => proxy.connections === 2,
      );
      abort.abort();
      await eventually("the end of it", () => proxy.connections === 1);
      const events = record(registry);
      await known(events);
      await registry[Symbol.asyncDispose]();
      await eventually("the end of it", () => proxy.connections === 1);
      await expect(registry.list("web")).rejects.toMatchObject({
        code: "DP_CLOSED",
      });
    });

    it("counts what an operator asks for", async () => {
      const registry = scene.registry(library);
      const events = record(registry);
      await known(events);
      await registry.register(web("a"));
      await eventually("the change", () => puts(events) === 1);
      const values = Array.from(
        registry.metrics(),
        ({ name, samples }) => [name, Array.from(samples)[0]?.value] as const,
      );
      expect(Object.fromEntries(values)).toMatchObject({
        dp_discovery_registrations: 1,
        dp_discovery_watched_services: 1,
        dp_discovery_watch_changes_total: 1,
        dp_discovery_watch_losses_total: 0,
      });
    });
  },
);

describe("redisRegistry", () => {
  it("refuses what is no client and options out of bounds", () => {
    const client = {
      status: "ready",
      eval: () => undefined,
      evalsha: () => undefined,
      duplicate: () => undefined,
    } as unknown as RedisClient;
    const refused = [
      () => redisRegistry({} as RedisClient),
      () => redisRegistry(client, { prefix: "a{b}" }),
      () => redisRegistry(client, { prefix: "" }),
      () => redisRegistry(client, { history: 0 }),
      () => redisRegistry(client, { detect: 99 }),
    ];
    for (const make of refused) expect(make).toThrow(InvalidOptionError);
    expect(() => redisRegistry(client)).not.toThrow();
  });
});
