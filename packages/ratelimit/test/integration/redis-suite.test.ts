import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { systemClock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, fixedWindow, tokenBucket } from "../../src/index.ts";
import { redisStore, type RedisStoreOptions } from "../../src/redis/index.ts";
import { leaseSuite, storeSuite } from "../../src/testing/index.ts";
import { connected, libraries, type Connection } from "./redis-connections.ts";

let stores = 0;
const freshPrefix = (): string => `suite-${process.pid}-${stores++}`;

describe.skipIf(servicesSkipped).each(Object.keys(libraries))(
  "a store in Redis with %s",
  (library) => {
    let redis: Server;
    let connection: Connection;
    const create = (options: RedisStoreOptions = {}) =>
      redisStore(connection.client, {
        prefix: freshPrefix(),
        timeout: "20s",
        ...options,
      });
    beforeAll(async () => {
      redis = await startRedis();
      connection = await connected(library, redis.url);
    });
    afterAll(async () => {
      connection.end();
      await redis.stop();
    });

    for (const batch of [true, false])
      describe(batch ? "in batches" : "one call each", () => {
        for (const { name, run } of storeSuite(() => create({ batch })))
          it(name, run);
      });
    for (const { name, run } of leaseSuite((clock) => create({ clock }).leases))
      it(name, run);

    for (const batch of [true, false])
      it(`keeps the order of asking while Redis does not know the script, batch: ${batch}`, async () => {
        const limiter = createLimiter({
          policies: { perHour: tokenBucket({ limit: 10, per: "1h" }) },
          store: create({ batch }),
          onStoreError: "throw",
        });
        /** Each in a turn of its own, and none awaited before all are on their way. */
        const inTurns = async (...acts: (() => Promise<unknown>)[]) => {
          const under: Promise<unknown>[] = [];
          for (const act of acts) {
            under.push(act());
            await systemClock.sleep(0);
          }
          return await Promise.all(under);
        };
        for (let time = 0; time < 20; time++) {
          await connection.command("SCRIPT", "FLUSH");
          const [subject, other] = [`ann ${time}`, `bob ${time}`];
          await inTurns(
            () => limiter.take(subject, 10),
            () => limiter.reset(subject),
            () => limiter.block(other, "1m"),
          );
          expect((await limiter.peek(subject)).remaining).toBe(10);
          await connection.command("SCRIPT", "FLUSH");
          const [, taken] = await inTurns(
            () => limiter.block(subject, "1m"),
            () => limiter.take(subject),
          );
          expect(taken).toMatchObject({ allowed: false, reason: "blocked" });
        }
      });

    it("keeps the order of asking of limiters that share what they count", async () => {
      const store = create();
      const [one, other] = [1, 2].map(() =>
        createLimiter({
          policies: { perHour: tokenBucket({ limit: 10, per: "1h" }) },
          store,
          onStoreError: "throw",
        }),
      );
      const takes = [one!.take("ann"), other!.take("ann", 9), one!.take("ann")];
      expect(
        (await Promise.all(takes)).map((each) => [
          each.allowed,
          each.remaining,
        ]),
      ).toEqual([
        [true, 9],
        [true, 0],
        [false, 0],
      ]);
      const resetting = other!.reset("ann");
      expect(await one!.take("ann")).toMatchObject({ remaining: 9 });
      await resetting;
    });

    it("counts by Redis' own time when there is no clock, and keeps a key until its subject is full again", async () => {
      const prefix = freshPrefix();
      const limiter = createLimiter({
        policies: { perHour: tokenBucket({ limit: 3600, per: "1h" }) },
        store: create({ prefix }),
        onStoreError: "throw",
      });
      for (let cost = 30; cost < 60; cost++) {
        const subject = `subject ${cost}`;
        const decision = await limiter.take(subject, cost);
        expect(decision).toMatchObject({ allowed: true, source: "store" });
        expect(decision.resetAfterMs).toBe(cost * 1000);
        const [key = ""] = (await connection.command(
          "KEYS",
          `${prefix}:*"${subject}"*`,
        )) as string[];
        const before = await limiter.peek(subject);
        const keptMs = Number(await connection.command("PTTL", key));
        const after = await limiter.peek(subject);
        // Redis keeps whole milliseconds of the clock.
        expect(keptMs).toBeLessThan(before.resetAfterMs + 2);
        expect(keptMs).toBeGreaterThan(after.resetAfterMs - 2);
        expect(await connection.command("OBJECT", "ENCODING", key)).toBe("int");
      }
    });

    it("lets leases of a process that died go, and their key", async () => {
      const prefix = freshPrefix();
      const { leases } = create({ prefix });
      expect(await leases.acquire("job", "ann", 1, 1_000)).toBe(true);
      expect(await leases.acquire("job", "bob", 1, 1_000)).toBe(false);
      await expect
        .poll(() => connection.command("KEYS", `${prefix}:*`), {
          timeout: 20_000,
        })
        .toEqual([]);
      expect(await leases.acquire("job", "bob", 1, 200)).toBe(true);
    });

    it("leaves nothing behind once its subjects are full again", async () => {
      const prefix = freshPrefix();
      const limiter = createLimiter({
        policies: { fast: tokenBucket({ limit: 1000, per: "1s" }) },
        store: create({ prefix }),
      });
      await Promise.all(
        Array.from({ length: 2000 }, (_, index) =>
          limiter.take(`passer-by ${index}`, 20),
        ),
      );
      await expect
        .poll(() => connection.command("KEYS", `${prefix}:*`), {
          timeout: 20_000,
        })
        .toEqual([]);
    });

    it("writes nothing for a refusal", async () => {
      const prefix = freshPrefix();
      const limiter = createLimiter({
        policies: { perHour: tokenBucket({ limit: 2, per: "1h" }) },
        store: create({ prefix }),
        onStoreError: "throw",
      });
      expect((await limiter.take("ann", 2)).allowed).toBe(true);
      const [key] = (await connection.command("KEYS", `${prefix}:*`)) as [
        string,
      ];
      const before = await connection.command("GET", key);
      expect((await limiter.take("ann")).allowed).toBe(false);
      expect((await limiter.take("bob", 3)).allowed).toBe(false);
      expect(await connection.command("GET", key)).toBe(before);
      expect(await connection.command("KEYS", `${prefix}:*`)).toHaveLength(1);
    });

    it("asks Redis once a decision, whatever the number of policies, and once for many at a time", async () => {
      const policies = {
        perHour: tokenBucket({ limit: 100, per: "1h" }),
        perDay: fixedWindow({ limit: 1000, per: "1d" }),
      };
      const calls = async (): Promise<number> => {
        const stats = String(await connection.command("INFO", "commandstats"));
        return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
      };
      for (const [batch, most] of [
        [false, 50],
        [true, 1],
      ] as const) {
        const limiter = createLimiter({ policies, store: create({ batch }) });
        await limiter.take("warm");
        const before = await calls();
        const takes = Array.from({ length: 50 }, () => limiter.take("ann"));
        await Promise.all(takes);
        expect((await calls()) - before).toBe(most);
      }
    });

    it("gives subjects limits of their own, and blocks them whatever those become", async () => {
      const clock = new ManualClock();
      let limit = 5;
      const limiter = createLimiter({
        policies: {
          perSecond: tokenBucket({
            limit: 1,
            per: "1s",
            limitFor: (subject) =>
              subject === "ann" ? { limit, per: "1s" } : undefined,
          }),
        },
        store: create(),
        clock,
      });
      expect((await limiter.take("ann", 5)).allowed).toBe(true);
      expect((await limiter.take("ann")).allowed).toBe(false);
      expect((await limiter.take("bob")).remaining).toBe(0);
      limit = 7;
      expect((await limiter.take("ann")).remaining).toBe(6);
      await limiter.block("ann", "1m");
      limit = 9;
      expect(await limiter.take("ann")).toMatchObject({
        reason: "blocked",
        retryAfterMs: 60_000,
      });
      await limiter.reset("ann");
      expect((await limiter.take("ann")).remaining).toBe(8);
    });

    it("refuses to count by a kind of policy it does not know", () => {
      const odd = { ...tokenBucket({ limit: 1, per: "1s" }), kind: "odd" };
      expect(() =>
        create().bind([{ id: "x", policy: odd, enforced: true }], undefined),
      ).toThrow("policies must be of a kind that Redis can count");
    });
  },
);
