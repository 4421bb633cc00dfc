import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Change, Registry, WatchEvent } from "../../src/index.ts";
import {
  eventually,
  freshPrefix,
  isGiven,
  isSkipped,
  libraries,
  RedisScene,
} from "./redis-scene.ts";

const provider = fileURLToPath(new URL("redis-provider.ts", import.meta.url));

describe.skipIf(isSkipped).each(Object.keys(libraries))(
  "processes around a registry in Redis with %s",
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
    const changes = (events: WatchEvent<unknown>[]): Change<unknown>[] =>
      events.flatMap((event) => (event.type === "delta" ? event.changes : []));

    it("see a killed one leave once, when its ttl is over and soon after", async () => {
      const ttlMs = 1_500;
      const prefix = freshPrefix();
      const accounts = [1, 2, 3].map(() =>
        record(scene.registry(library, { prefix })),
      );
      await eventually("first events", () =>
        accounts.every((events) => events.length > 0),
      );
      const words = [scene.redis.url, prefix, String(ttlMs)];
      const child = spawn(
        process.execPath,
        ["--conditions=@dp/source", provider, ...words],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      scene.cleanUps.push(() => child.kill("SIGKILL"));
      await eventually("the provider", () =>
        accounts.every((events) => changes(events).length === 1),
      );
      // Renewed at a third of the ttl, so more than half of it is left.
      child.kill("SIGKILL");
      const killedMs = performance.now();
      await eventually("its end", () =>
        accounts.every((events) => changes(events).length === 2),
      );
      const tookMs = performance.now() - killedMs;
      expect(tookMs).toBeGreaterThan(ttlMs / 2);
      // What the machine takes comes on top of the 250 ms that are promised.
      expect(tookMs).toBeLessThan(ttlMs + 250 + 2_000);
      for (const events of accounts)
        expect(changes(events)[1]).toEqual({
          op: "delete",
          id: "provider",
          why: "expired",
        });
      expect(new Set(accounts.map((each) => each.at(-1))).size).toBe(3);
      const revisions = accounts.map((each) => each.at(-1));
      expect(revisions[1]).toEqual(revisions[0]);
      expect(revisions[2]).toEqual(revisions[0]);
    });

    it.skipIf(isGiven)(
      "lose nothing when Redis is killed and comes back with its data",
      async () => {
        const prefix = freshPrefix();
        const registry = scene.registry(library, { prefix });
        const events = record(registry);
        await eventually("a first event", () => events.length > 0);
        const a = await registry.register({
          service: "web",
          host: "10.0.0.1",
          id: "a",
          port: 8080,
          ttl: "20s",
        });
        await eventually("the put", () => changes(events).length === 1);
        await scene.redis.kill();
        await eventually("stale", () => events.at(-1)?.type === "stale");
        const written = a.update({ weight: 2 });
        await scene.redis.restart();
        await written;
        await eventually("the update", () => changes(events).length === 2);
        expect(changes(events)[1]).toEqual({ op: "put", instance: a.instance });
        expect(a.status).toBe("active");
        expect(await registry.list("web")).toEqual([a.instance]);
        expect(events.filter(({ type }) => type === "sync")).toHaveLength(1);
      },
    );

    it.skipIf(isGiven)(
      "expire nobody because Redis was away for longer than the ttl",
      async () => {
        const registry = scene.registry(library);
        const events = record(registry);
        await eventually("a first event", () => events.length > 0);
        const a = await registry.register({
          service: "web",
          host: "10.0.0.1",
          id: "a",
          port: 8080,
          ttl: "1s",
        });
        await eventually("the put", () => changes(events).length === 1);
        await scene.redis.kill();
        const awayMs = performance.now();
        await eventually("doubt", () => a.status === "uncertain");
        await eventually(
          "a gap that is noticed",
          () => performance.now() - awayMs > 6_200,
        );
        await scene.redis.restart();
        await eventually("contact", () => events.at(-1)?.type === "fresh");
        await eventually("certainty", () => a.status === "active");
        expect(changes(events)).toEqual([{ op: "put", instance: a.instance }]);
        expect(await registry.list("web")).toEqual([a.instance]);
      },
    );

    it.skipIf(isGiven)(
      "are told the state anew when Redis comes back with older data",
      async () => {
        const prefix = freshPrefix();
        const { command } = scene.connect(library);
        await command("CONFIG", "SET", "appendonly", "yes");
        const registry = scene.registry(library, { prefix, detect: 400 });
        const events = record(registry);
        await eventually("a first event", () => events.length > 0);
        const a = await registry.register({
          service: "web",
          host: "10.0.0.1",
          id: "a",
          port: 8080,
          ttl: "3s",
        });
        await eventually("the put", () => changes(events).length === 1);
        // From here on nothing is kept.
        await command("CONFIG", "SET", "appendonly", "no");
        await a.update({ weight: 2 });
        await eventually("the update", () => changes(events).length === 2);
        const { revision } = a.instance;
        await scene.redis.kill();
        await scene.redis.restart();
        await eventually("a sync", () =>
          events.some(
            (event) => event.type === "sync" && event.reason === "store-reset",
          ),
        );
        await eventually("what was lost", async () => {
          const [listed] = await registry.list("web");
          return listed?.weight === 2;
        });
        await a.update({ weight: 3 });
        expect(a.instance.revision).toBeGreaterThan(revision);
        await eventually("the last word", async () => {
          const [listed] = await registry.list("web");
          return listed?.weight === 3;
        });
        await eventually("the delta", () => {
          const last = changes(events).at(-1);
          return last?.op === "put" && last.instance.weight === 3;
        });
      },
    );
  },
);
