import {
  servicesSkipped,
  startRedis,
  waitUntil,
  type Server,
} from "@dp/services";
import { renderPrometheus } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  failureRate,
  type CircuitBreaker,
} from "../../src/index.ts";
import { redisHints, type RedisHintClient } from "../../src/redis/index.ts";

/** A client that has begun to connect, and what ends it. */
interface Connection {
  readonly client: RedisHintClient;
  readonly isReady: () => boolean;
  readonly end: () => unknown;
}

/** Both reconnect every few milliseconds: how they do that is theirs, how long the tests take is not. */
const libraries: Record<string, (url: string) => Connection> = {
  ioredis: (url) => {
    const client = new Redis(url, { retryStrategy: () => 20 });
    client.on("error", () => undefined);
    const isReady = (): boolean => client.status === "ready";
    return { client, isReady, end: () => client.disconnect() };
  },
  "ioredis without a queue for what comes too early": (url) => {
    const client = new Redis(url, {
      retryStrategy: () => 20,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    client.on("error", () => undefined);
    const isReady = (): boolean => client.status === "ready";
    return { client, isReady, end: () => client.disconnect() };
  },
  "node-redis": (url) => {
    const client = createClient({
      url,
      socket: { reconnectStrategy: () => 20 },
    });
    client.on("error", () => undefined);
    // Pending while Redis is down, and rejected when the test ends it then.
    client.connect().catch(() => undefined);
    const isReady = (): boolean => client.isReady;
    return { client, isReady, end: () => client.destroy() };
  },
};

const eventually = (what: string, condition: () => boolean): Promise<void> =>
  waitUntil(what, 20_000, () => Promise.resolve(condition()));

/** A server that somebody else has started is not killed. */
const isGiven = (process.env["DP_REDIS_URL"] ?? "") !== "";
const channel = `hints of process ${process.pid}`;

describe.skipIf(servicesSkipped).each(Object.entries(libraries))(
  "hints over Redis with %s",
  (_, connect) => {
    let redis: Server;
    const cleanUps: (() => unknown)[] = [];
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0)) await cleanUp();
      if (!isGiven && redis.pid === undefined) await redis.restart();
    });
    afterAll(() => redis.stop());

    /** What one process has: connections of its own, a channel over them, and a circuit. */
    const join = (quorum = 1) => {
      const publisher = connect(redis.url);
      const subscriber = connect(redis.url);
      const hints = redisHints({
        publisher: publisher.client,
        subscriber: subscriber.client,
        channel,
        quorum,
      });
      cleanUps.push(() => hints.close(), publisher.end, subscriber.end);
      const clock = new ManualClock();
      const circuit = breaker({
        name: "payments",
        trip: failureRate(0.5, { window: "10s", minimum: 20 }),
        hints,
        clock,
      });
      const says = (sample: string): boolean =>
        renderPrometheus([hints]).includes(
          sample.replace("{", `{channel="${channel}"`),
        );
      const isConnected = (): boolean =>
        publisher.isReady() && says("dp_breaker_hints_listening{} 1");
      /** A circuit that opens at its first failure, and has. */
      const fail = (): CircuitBreaker => {
        const fragile = breaker({
          name: "payments",
          trip: consecutive(1),
          hints,
        });
        fragile.permit().failure();
        return fragile;
      };
      return { publisher, hints, circuit, clock, says, isConnected, fail };
    };
    const connected = (
      ...processes: readonly { isConnected: () => boolean }[]
    ): Promise<void> =>
      eventually("all connected", () =>
        processes.every(({ isConnected }) => isConnected()),
      );

    it("open a circuit early when one other has opened and one is enough", async () => {
      const [first, second] = [join(), join()];
      await connected(first, second);
      first.fail();
      await eventually("a hint", () => second.circuit.state === "open");
      expect(second.circuit.inspect().why.data).toMatchObject({
        cause: "hinted",
        others: 1,
      });
      // What it has from others it does not tell.
      expect(second.says("dp_breaker_hints_published_total{} 0")).toBe(true);
    });

    it("open it only when two others agree if that is the quorum", async () => {
      const [first, second, third] = [join(), join(), join(2)];
      await connected(first, second, third);
      first.fail();
      await eventually("the first hint", () =>
        third.says("dp_breaker_hints_received_total{} 1"),
      );
      expect(third.circuit.state).toBe("closed");
      second.fail();
      await eventually("the second hint", () => third.circuit.state === "open");
    });

    it.skipIf(isGiven)(
      "are missed and nothing else while Redis is down, and flow again when it is back",
      async () => {
        const [first, second] = [join(), join()];
        await connected(first, second);
        await redis.kill();
        await eventually(
          "that the loss is noticed",
          () => !first.isConnected() && !second.isConnected(),
        );

        expect(first.fail().state).toBe("open");
        for (let call = 0; call < 20; call++)
          await expect(
            second.circuit.run(() => Promise.reject(new Error("down"))),
          ).rejects.toThrow("down");
        expect(second.circuit.state).toBe("open");
        second.circuit.reset();
        await expect(second.circuit.run(() => "fine")).resolves.toBe("fine");

        await redis.restart();
        await connected(first, second);
        expect(second.circuit.state).toBe("closed");
        // What it has seen itself weighs more than hints: let it forget that.
        await second.clock.advance(10_000);
        first.fail();
        await eventually("a hint", () => second.circuit.state === "open");
      },
    );

    it.skipIf(isGiven)(
      "begin to flow when Redis comes up later than the processes",
      async () => {
        await redis.kill();
        const [first, second] = [join(), join()];
        first.fail();
        await redis.restart();
        await connected(first, second);
        expect(second.circuit.state).toBe("closed");
        first.fail();
        await eventually("a hint", () => second.circuit.state === "open");
      },
    );

    it("end with their channel, and leave its clients to the caller", async () => {
      const [first, second, third] = [join(), join(), join()];
      await connected(first, second, third);
      third.hints.close();
      first.fail();
      await eventually("a hint", () => second.circuit.state === "open");
      expect(third.circuit.state).toBe("closed");
      // Its client can still publish, and Redis counts two listeners.
      await waitUntil("two listeners", 20_000, async () => {
        const count = await third.publisher.client.publish(channel, "a word");
        return count === 2;
      });
    });
  },
);
