import { waitUntil } from "@dp/services";
import { Redis } from "ioredis";
import { createClient } from "redis";
import type { RedisClient } from "../../src/redis/index.ts";

/** A client that is connecting, and what ends it. */
export interface Connection {
  readonly client: RedisClient;
  readonly isReady: () => boolean;
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
        isReady: () => client.status === "ready",
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
        isReady: () => client.isReady,
        command: (...words) => client.sendCommand(words),
        end: () => client.destroy(),
      };
    },
  };

export const eventually = (
  what: string,
  condition: () => boolean,
): Promise<void> => waitUntil(what, 20_000, () => Promise.resolve(condition()));

/** A client that has connected. */
export const connected = async (
  library: string,
  url: string,
): Promise<Connection> => {
  const connection = libraries[library]!(url);
  await eventually("a connection", connection.isReady);
  return connection;
};

/** A server that somebody else has started is neither killed nor emptied. */
export const isGiven: boolean = (process.env["DP_REDIS_URL"] ?? "") !== "";
