import {
  servicesSkipped,
  startRedis,
  waitUntil,
  type Server,
} from "@dp/services";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll } from "vitest";
import {
  redisRegistry,
  type RedisClient,
  type RedisRegistry,
  type RedisRegistryOptions,
} from "../../src/registries/redis/index.ts";

/** A client that is connecting, and what ends it. */
export interface Connection {
  readonly client: RedisClient;
  readonly command: (...words: string[]) => Promise<unknown>;
  readonly end: () => void;
}

/** Both reconnect every few milliseconds: how they do that is theirs, how long the tests take is not. */
export const libraries: Readonly<Record<string, (url: string) => Connection>> =
  {
    ioredis: (url) => {
      const client = new Redis(url, { retryStrategy: () => 5 });
      client.on("error", () => undefined);
      return {
        client,
        command: (name = "", ...rest) => client.call(name, ...rest),
        end: () => client.disconnect(),
      };
    },
    "node-redis": (url) => {
      const client = createClient({
        url,
        socket: { reconnectStrategy: () => 5 },
      });
      client.on("error", () => undefined);
      // Pending while Redis is down, and rejected when the test ends it then.
      client.connect().catch(() => undefined);
      return {
        client,
        command: (...words) => client.sendCommand(words),
        end: () => client.destroy(),
      };
    },
  };

export const eventually = (
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> => waitUntil(what, 20_000, () => Promise.resolve(condition()));

/** A server that somebody else has started is neither killed nor emptied. */
export const isGiven: boolean = (process.env["DP_REDIS_URL"] ?? "") !== "";

export const isSkipped: boolean = servicesSkipped;

let prefixes = 0;
export const freshPrefix = (): string => `test-${process.pid}-${prefixes++}`;

/** A Redis for the tests of one file, and what each of them makes is ended after it. */
export class RedisScene {
  redis!: Server;
  readonly cleanUps: (() => unknown)[] = [];

  constructor() {
    beforeAll(async () => {
      this.redis = await startRedis();
    });
    afterEach(async () => {
      for (const cleanUp of this.cleanUps.splice(0).reverse()) await cleanUp();
      if (!isGiven && this.redis.pid === undefined) await this.redis.restart();
    });
    afterAll(() => this.redis.stop());
  }

  connect(library: string, url: string = this.redis.url): Connection {
    const connection = libraries[library]!(url);
    this.cleanUps.push(connection.end);
    return connection;
  }

  /** A registry on a connection of its own. */
  registry(
    library: string,
    options: RedisRegistryOptions & { readonly url?: string } = {},
  ): RedisRegistry {
    const { url, ...rest } = options;
    const { client } = this.connect(library, url);
    const registry = redisRegistry(client, { prefix: freshPrefix(), ...rest });
    this.cleanUps.push(() => registry[Symbol.asyncDispose]());
    return registry;
  }
}
