import { servicesSkipped } from "@dp/services";
import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, tokenBucket } from "../../src/index.ts";
import { redisStore, type RedisClient } from "../../src/redis/index.ts";
import { leaseSuite, storeSuite } from "../../src/testing/index.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { startCluster, type ClusterServers } from "./redis-cluster-servers.ts";
import { eventually } from "./redis-connections.ts";

interface ClusterConnection {
  readonly client: RedisClient;
  readonly isReady: () => boolean;
  readonly end: () => void;
}

/** Connects by way of proxies, one for each node. */
type Connect = (
  ports: readonly number[],
  ways: readonly number[],
) => ClusterConnection;

const libraries: Readonly<Record<string, Connect>> = {
  ioredis: (ports, ways) => {
    const natMap = Object.fromEntries(
      ports.map((port, node) => [
        `127.0.0.1:${port}`,
        { host: "127.0.0.1", port: ways[node]! },
      ]),
    );
    const client = new Cluster([{ host: "127.0.0.1", port: ways[0]! }], {
      natMap,
      retryDelayOnFailover: 10,
    });
    client.on("error", () => undefined);
    const isReady = (): boolean => client.status === "ready";
    return { client, isReady, end: () => client.disconnect() };
  },
  "node-redis": (ports, ways) => {
    const nodeAddressMap = Object.fromEntries(
      ports.map((port, node) => [
        `127.0.0.1:${port}`,
        { host: "127.0.0.1", port: ways[node]! },
      ]),
    );
    const client = createCluster({
      rootNodes: [{ url: `redis://127.0.0.1:${ways[0]!}` }],
      nodeAddressMap,
      defaults: { socket: { reconnectStrategy: () => 5 } },
    });
    client.on("error", () => undefined);
    client.connect().catch(() => undefined);
    return {
      client,
      isReady: () => client.isReady,
      end: () => client.destroy(),
    };
  },
};

let stores = 0;
const freshPrefix = (): string => `cluster-${process.pid}-${stores++}`;

describe.skipIf(servicesSkipped)("a store in Redis Cluster", () => {
  let servers: ClusterServers;
  beforeAll(async () => {
    servers = await startCluster();
  }, 90_000);
  afterAll(() => servers.stop());

  const sizes = (): Promise<number[]> =>
    Promise.all(
      servers.ports.map(async (port) => {
        const node = new Redis(port, "127.0.0.1");
        const size = await node.dbsize();
        node.disconnect();
        return size;
      }),
    );

  describe.each(Object.entries(libraries))("with %s", (_, connect) => {
    let connection: ClusterConnection;
    const cleanUps: (() => void)[] = [];
    beforeAll(async () => {
      connection = connect(servers.ports, servers.ports);
      await eventually("a connection", connection.isReady);
    });
    afterEach(() => {
      for (const cleanUp of cleanUps.splice(0)) cleanUp();
    });
    afterAll(() => connection.end());
    const create = (options: object = {}) =>
      redisStore(connection.client, {
        prefix: freshPrefix(),
        timeout: "20s",
        ...options,
      });

    for (const { name, run } of storeSuite(() => create())) it(name, run);
    for (const { name, run } of leaseSuite((clock) => create({ clock }).leases))
      it(name, run);

    it("spreads the subjects of one policy over the nodes, many at a time", async () => {
      const limiter = createLimiter({
        policies: { perHour: tokenBucket({ limit: 3, per: "1h" }) },
        store: create(),
        onStoreError: "throw",
      });
      const before = await sizes();
      const subjects = Array.from({ length: 300 }, (_, index) => `{a}${index}`);
      const admitted = await Promise.all(
        [...subjects, ...subjects, ...subjects, ...subjects].map((subject) =>
          limiter.allow(subject),
        ),
      );
      expect(admitted.filter(Boolean)).toHaveLength(900);
      for (const [node, size] of (await sizes()).entries())
        expect(size - before[node]!).toBeGreaterThan(50);
    });

    it("decides over several policies at once, whoever the subjects are", async () => {
      const perHour = tokenBucket({ limit: 3, per: "1h" });
      const limiter = createLimiter({
        policies: { address: perHour, user: perHour, all: perHour },
        shadow: ["all"],
        store: create(),
        onStoreError: "throw",
      });
      for (let user = 0; user < 50; user++) {
        const keys = { address: `a${user % 25}`, user: `u${user}`, all: "x" };
        const decision = await limiter.take(keys, 2);
        expect(decision.allowed).toBe(user < 25);
      }
    });

    it("charges at most once for what was carried out and whose answer got lost", async () => {
      const proxies = await Promise.all(servers.ports.map(startCuttingProxy));
      const ways = proxies.map(({ url }) => Number(new URL(url).port));
      const lossy = connect(servers.ports, ways);
      cleanUps.push(lossy.end, ...proxies.map((each) => () => each.close()));
      await eventually("a connection", lossy.isReady);
      const prefix = freshPrefix();
      const policies = { perYear: tokenBucket({ limit: 100, per: "365d" }) };
      const [limiter, direct] = [lossy.client, connection.client].map(
        (client) =>
          createLimiter({
            policies,
            store: redisStore(client, { prefix, timeout: "20s" }),
            onStoreError: "throw",
          }),
      );
      expect((await limiter!.take("ann")).remaining).toBe(99);
      for (const proxy of proxies) proxy.mode = "cut";
      const outcome = await limiter!.take("ann").catch(() => "failed");
      expect(outcome).toBe("failed");
      await expect
        .poll(() => limiter!.peek("ann").catch(() => undefined), {
          timeout: 20_000,
        })
        .toMatchObject({ remaining: 98 });
      expect((await direct!.peek("ann")).remaining).toBe(98);
    });
  });
});
