import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisStore } from "../../src/redis/index.ts";
import { connected, type Connection } from "./redis-connections.ts";
import { hardPolicies, playTrace } from "./store-trace.ts";
import { playTakes } from "./take-script.ts";

describe.skipIf(servicesSkipped)("a store in Redis", () => {
  let redis: Server;
  let connection: Connection;
  beforeAll(async () => {
    redis = await startRedis();
    connection = await connected("ioredis", redis.url);
  });
  afterAll(async () => {
    connection.end();
    await redis.stop();
  });

  it.each(Object.entries(hardPolicies))(
    "decides as memory does over a long trace: %s",
    async (name, policy) => {
      const store = redisStore(connection.client, {
        prefix: `trace-${process.pid}-${name}`,
        timeout: "20s",
      });
      await playTrace(policy, store, { steps: 10_000, atOnce: 150 });
      store.close();
    },
  );

  it.each(Object.entries(hardPolicies))(
    "takes many at its own time as the algorithm does: %s",
    async (name, policy) => {
      const taken = await playTakes(policy, connection, `takes-${name}`);
      expect(taken.granted).toBeGreaterThan(200);
      expect(taken.refused).toBeGreaterThan(200);
    },
  );
});
