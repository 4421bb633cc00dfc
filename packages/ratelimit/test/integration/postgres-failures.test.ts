import { servicesSkipped } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimiter, tokenBucket } from "../../src/index.ts";
import { postgresStore } from "../../src/postgres/index.ts";
import {
  quietPool,
  startDatabase,
  type Database,
} from "./postgres-database.ts";

const policies = { perHour: tokenBucket({ limit: 10, per: "1h" }) };

/** A server that somebody else has started is not stopped. */
const isGiven = (process.env["DP_POSTGRES_URL"] ?? "") !== "";

describe.skipIf(servicesSkipped)("a store in PostgreSQL that fails", () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  it.skipIf(isGiven)(
    "leaves the decision to onStoreError while the server is down, and decides again when it is back",
    async () => {
      const { store } = await database.create();
      const of = (onStoreError: "throw" | "open" | "closed" | "local") =>
        createLimiter({ policies, store, onStoreError });
      expect((await of("throw").take("ann", 4)).remaining).toBe(6);
      await database.server.kill("SIGINT");
      await expect(of("throw").take("ann")).rejects.toMatchObject({
        code: "DP_RATELIMIT_STORE",
      });
      expect(await of("open").take("ann")).toMatchObject({
        allowed: true,
        source: "open",
      });
      expect(await of("closed").take("ann")).toMatchObject({
        allowed: false,
        reason: "store",
      });
      const local = of("local");
      expect(await local.take("ann", 10)).toMatchObject({
        allowed: true,
        source: "local",
      });
      await database.server.restart();
      // Nothing was sent later, and an orderly stop loses nothing.
      expect(await local.take("ann", 6)).toMatchObject({
        allowed: true,
        source: "store",
        remaining: 0,
      });
    },
  );

  it.skipIf(isGiven)("starts afresh after a crash of the server", async () => {
    const { store } = await database.create();
    const limiter = createLimiter({ policies, store, onStoreError: "throw" });
    await limiter.take("ann", 10);
    await database.server.kill();
    await database.server.restart();
    await expect
      .poll(() => limiter.take("ann", 10).catch(() => undefined))
      .toMatchObject({ allowed: true, remaining: 0 });
  });

  it("gives up in time on a statement that has to wait, which is then carried out once", async () => {
    const { table } = await database.create();
    const [schema = "", prefix = ""] = table.split(".");
    const [hasty, calm] = (["50ms", "20s"] as const).map((timeout) =>
      createLimiter({
        policies,
        store: postgresStore(database.pool, { schema, prefix, timeout }),
        onStoreError: "throw",
      }),
    );
    await calm!.take("ann", 3);
    const holder = await database.pool.connect();
    try {
      await holder.query("begin");
      await holder.query(`select from ${table} for update`);
      await expect(hasty!.take("ann", 2)).rejects.toThrow(
        "PostgreSQL did not answer within 50 ms",
      );
      await holder.query("commit");
    } finally {
      holder.release();
    }
    await expect.poll(async () => (await calm!.peek("ann")).remaining).toBe(5);
  });

  it("sends a statement again that PostgreSQL has undone for its isolation", async () => {
    const { table } = await database.create();
    const [schema = "", prefix = ""] = table.split(".");
    const strict = quietPool({
      connectionString: database.server.url,
      options: "-c default_transaction_isolation=repeatable\\ read",
      max: 4,
    });
    let undone = 0;
    const store = postgresStore(
      {
        query: (text, values) =>
          strict.query(text, values).catch((error: unknown) => {
            if ((error as { code?: string }).code === "40001") undone++;
            throw error;
          }),
      },
      { schema, prefix, timeout: "20s" },
    );
    const limiter = createLimiter({ policies, store, onStoreError: "throw" });
    try {
      // Which decisions meet on a row is up to the server: in one of so many rounds some do.
      for (let round = 0; round < 200 && undone === 0; round++) {
        const takes = Array.from({ length: 40 }, () =>
          limiter.allow(`ann ${round}`),
        );
        expect((await Promise.all(takes)).filter(Boolean)).toHaveLength(10);
      }
      expect(undone).toBeGreaterThan(0);
    } finally {
      await strict.end();
    }
  });
});
