import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import type { Registration, Registry, WatchEvent } from "../../src/index.ts";
import { checkHistory, type HistoryEntry } from "../../src/testing/index.ts";
import {
  eventually,
  freshPrefix,
  isGiven,
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

const put = ({ instance }: Registration): HistoryEntry => ({
  change: { op: "put", instance },
  revision: instance.revision,
});

const deregistered = ({ instance }: Registration): HistoryEntry => ({
  change: { op: "delete", id: instance.id, why: "deregistered" },
});

describe.skipIf(isSkipped).each(Object.keys(libraries))(
  "a registration in Redis with %s",
  (library) => {
    const scene = new RedisScene();

    const record = async (
      registry: Registry,
    ): Promise<WatchEvent<unknown>[]> => {
      const events: WatchEvent<unknown>[] = [];
      const abort = new AbortController();
      scene.cleanUps.push(() => abort.abort());
      const { signal } = abort;
      void (async () => {
        for await (const event of registry.watch("web", { signal }))
          events.push(event);
      })();
      await eventually("a first event", () => events.length > 0);
      return events;
    };
    const agrees = async (
      truth: HistoryEntry[],
      events: WatchEvent<unknown>[],
    ): Promise<void> => {
      const isComplete = (): boolean => {
        try {
          checkHistory(truth, events, { complete: true });
          return true;
        } catch {
          return false;
        }
      };
      await eventually("the whole history", isComplete).catch(() => undefined);
      checkHistory(truth, events, { complete: true });
    };

    it("is written once however often an answer to it is lost", async () => {
      const proxy = await startRedisProxy(scene.redis.port);
      scene.cleanUps.push(() => proxy.close());
      const prefix = freshPrefix();
      const events = await record(scene.registry(library, { prefix }));
      const truth: HistoryEntry[] = [];
      const lossy = scene.registry(library, { prefix, url: proxy.url });
      await lossy.list("web");
      proxy.mode = "eat";
      const a = await lossy.register({ ...web("a"), ttl: "3s" });
      truth.push(put(a));
      for (let loss = 1; loss <= 5; loss++) {
        proxy.mode = "eat";
        await a.update({ weight: loss });
        truth.push(put(a));
      }
      proxy.mode = "eat";
      await a.close();
      truth.push(deregistered(a));
      await agrees(truth, events);
      expect(proxy.lost).toBe(7);
    });

    it("lives on while Redis forgets its scripts", async () => {
      const prefix = freshPrefix();
      const registry = scene.registry(library, { prefix });
      const { command } = scene.connect(library);
      const events = await record(registry);
      const a = await registry.register({ ...web("a"), ttl: 900 });
      const truth = [put(a)];
      for (let round = 1; round <= 10; round++) {
        await command("SCRIPT", "FLUSH");
        await a.update({ weight: round });
        truth.push(put(a));
      }
      await agrees(truth, events);
      expect(a.status).toBe("active");
    });

    it.skipIf(isGiven)(
      "comes back after Redis lost everything, with a greater revision",
      async () => {
        const prefix = freshPrefix();
        const registry = scene.registry(library, { prefix, detect: 400 });
        const { command } = scene.connect(library);
        const events = await record(registry);
        const a = await registry.register({ ...web("a"), ttl: 900 });
        const before = a.instance.revision;
        const statuses: string[] = [];
        a.on(({ status }) => statuses.push(status));
        await eventually("the put", () => events.length === 2);
        await command("FLUSHALL");
        await eventually("the return", () => a.instance.revision > before);
        expect(statuses).toEqual(["reregistering", "active"]);
        expect(await registry.list("web")).toEqual([a.instance]);
        expect(await registry.services()).toEqual(["web"]);
        await eventually("a sync", () =>
          events.some(
            (event) => event.type === "sync" && event.reason === "store-reset",
          ),
        );
        const state = (): unknown => {
          const last = events.at(-1);
          if (last?.type === "sync") return last.instances.get("a");
          const change = last?.type === "delta" ? last.changes[0] : undefined;
          return change?.op === "put" ? change.instance : undefined;
        };
        await eventually("the same", () => state() !== undefined);
        expect(state()).toEqual(a.instance);
        const revisions = events.flatMap((event) =>
          "revision" in event ? [event.revision] : [],
        );
        expect(revisions).toEqual(revisions.toSorted((x, y) => Number(x - y)));
      },
    );

    it("has the same history for everyone, whoever writes it", async () => {
      const prefix = freshPrefix();
      const registries = [
        scene.registry(library, { prefix }),
        scene.registry(library, { prefix }),
      ] as const;
      const accounts = await Promise.all(registries.map(record));
      const truth: HistoryEntry[] = [];
      const open = new Map<string, Registration>();
      const random = seededRandom(3);
      for (let step = 0; step < 100; step++) {
        const id = `i${Math.floor(random() * 5)}`;
        const held = open.get(id);
        const draw = random();
        if (held === undefined || draw < 0.1) {
          const registry = registries[random() < 0.5 ? 0 : 1];
          const spec = { ...web(id, step + 1), ttl: 900 };
          const registration = await registry.register(spec);
          open.set(id, registration);
          truth.push(put(registration));
          if (held === undefined) continue;
          // One that has not heard of it yet would come back after the newer one.
          await eventually("the end", () => held.status === "superseded");
          await held.close();
        } else if (draw < 0.6) {
          await held.update({ weight: step + 1 });
          truth.push(put(held));
        } else {
          await held.close();
          open.delete(id);
          truth.push(deregistered(held));
        }
      }
      for (const events of accounts) await agrees(truth, events);
      const late = await record(registries[0]);
      checkHistory(truth, late, { complete: true });
    });

    it("gives way to a newer one of another process and never comes back", async () => {
      const prefix = freshPrefix();
      const proxy = await startRedisProxy(scene.redis.port);
      scene.cleanUps.push(() => proxy.close());
      const cutOff = scene.registry(library, { prefix, url: proxy.url });
      const other = scene.registry(library, { prefix });
      const older = await cutOff.register({ ...web("a", 1), ttl: 900 });
      proxy.mode = "refuse";
      proxy.cut();
      const newer = await other.register({ ...web("a", 2), ttl: 900 });
      await eventually("doubt", () => older.status === "uncertain");
      proxy.mode = "pass";
      await eventually("the end", () => older.status === "superseded");
      await older.close();
      expect(await other.list("web")).toEqual([newer.instance]);
      expect(newer.status).toBe("active");
    });

    it("is newer than all before it although the time of Redis went back", async () => {
      const prefix = freshPrefix();
      const { command } = scene.connect(library);
      const hourAheadUs = (Date.now() + 3_600_000) * 1000;
      // What an expired instance leaves behind.
      const head = `${prefix}:{web}:head`;
      await eventually("a connection", async () => {
        await command("HSET", head, "revision", String(hourAheadUs));
        return true;
      });
      await scene.registry(library, { prefix }).register(web("a"));
      const member = await command("HGET", `${prefix}:{web}:members`, "a");
      expect(Number(String(member).split(" ")[0])).toBeGreaterThan(
        hourAheadUs / 1000,
      );
    });

    it("takes the place of what was written with a number none can follow", async () => {
      const prefix = freshPrefix();
      const { command } = scene.connect(library);
      const number = `1${"0".repeat(21)}`;
      const record = JSON.stringify({ host: "10.0.0.9", port: 1 });
      await eventually("a connection", async () => {
        const members = `${prefix}:{web}:members`;
        await command("HSET", members, "a", `${number} other 1 1 ${record}`);
        return true;
      });
      const registry = scene.registry(library, { prefix });
      const a = await registry.register({ ...web("a"), ttl: "60s" });
      await a.update({ weight: 2 });
      expect(a.status).toBe("active");
      expect(await registry.list("web")).toEqual([a.instance]);
    });

    it("cannot write over a newer one of another process", async () => {
      const prefix = freshPrefix();
      const one = scene.registry(library, { prefix });
      const other = scene.registry(library, { prefix });
      const older = await one.register({ ...web("a", 1), ttl: "60s" });
      const newer = await other.register({ ...web("a", 2), ttl: "60s" });
      await expect(older.update({ weight: 9 })).rejects.toMatchObject({
        code: "DP_SUPERSEDED",
      });
      expect(await other.list("web")).toEqual([newer.instance]);
    });
  },
);
