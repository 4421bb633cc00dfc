import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, it } from "vitest";
import {
  redisRegistry,
  type RedisClient,
} from "../../src/registries/redis/index.ts";
import type { Registry } from "../../src/index.ts";
import { registrySuite } from "../../src/testing/index.ts";
import {
  freshPrefix,
  isSkipped,
  libraries,
  RedisScene,
  type Connection,
} from "./redis-scene.ts";

/** The client as a process has it of which some registrations are dead: what they say never reaches Redis. */
const muting = (client: RedisClient, dead: ReadonlySet<string>): RedisClient =>
  new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method = value as (...words: unknown[]) => unknown;
      if (!/^eval/i.test(String(name))) return method.bind(target);
      return (...words: unknown[]) =>
        [...dead].some((owner) => JSON.stringify(words).includes(owner))
          ? Promise.reject(new Error("this registration is dead"))
          : method.apply(target, words);
    },
  });

describe.skipIf(isSkipped).each(Object.keys(libraries))(
  "the registry in Redis with %s",
  (library) => {
    const scene = new RedisScene();
    let connection: Connection | undefined;
    const kills = new WeakMap<
      Registry,
      (service: string, id: string) => Promise<void>
    >();

    const suite = registrySuite(
      () => {
        connection ??= libraries[library]!(scene.redis.url);
        const { client, command } = connection;
        const prefix = freshPrefix();
        const dead = new Set<string>();
        // Real servers take real time.
        const registry = redisRegistry(muting(client, dead), { prefix });
        kills.set(registry, async (service, id) => {
          const key = `${prefix}:{${service}}:members`;
          const held = String(await command("HGET", key, id));
          dead.add(held.split(" ")[1]!);
        });
        return registry;
      },
      {
        pass: (ms) => sleep(ms),
        // Just more than a watch keeps unread.
        backlog: 1100,
        crash: (registry, service, id) => kills.get(registry)!(service, id),
      },
    );
    afterAll(() => connection?.end());
    it.concurrent.each(suite)("$name", ({ run }) => run());
  },
);
