import { servicesSkipped } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConcurrencyLimiter } from "../../src/index.ts";
import { postgresStore } from "../../src/postgres/index.ts";
import {
  quietPool,
  startDatabase,
  type Database,
} from "./postgres-database.ts";

describe.skipIf(servicesSkipped)("leases in PostgreSQL", () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  const countOf = async (table: string): Promise<number> =>
    (await database.pool.query(`select from ${table}_leases`)).rowCount ?? 0;

  it("are no more than so many, however many ask on ten connections", async () => {
    const { store, table } = await database.create();
    const limiters = [1, 2, 3].map(() =>
      createConcurrencyLimiter({ max: 4, ttl: "1m", store }),
    );
    const asked = Array.from({ length: 60 }, (_, index) =>
      limiters[index % 3]!.acquire("exports"),
    );
    const held = (await Promise.all(asked)).filter(
      (lease) => lease !== undefined,
    );
    expect(held).toHaveLength(4);
    expect(database.pool.totalCount).toBe(10);
    for (const lease of held) await lease.release();
    expect(await countOf(table)).toBe(0);
  });

  it("of a process that is gone end by the server's own time", async () => {
    const { store } = await database.create();
    expect(await store.leases.acquire("key", "gone", 1, 300)).toBe(true);
    expect(await store.leases.acquire("key", "next", 1, 300)).toBe(false);
    await expect
      .poll(() => store.leases.acquire("key", "next", 1, 60_000))
      .toBe(true);
    expect(await store.leases.renew("key", "gone", 300)).toBe(false);
  });

  it("that have ended are deleted, two for each new one, and all in a sweep", async () => {
    const { store, table } = await database.create();
    for (let key = 0; key < 10; key++)
      await store.leases.acquire(`key ${key}`, "ann", 1, 60_000);
    // A hold and a row of the key each.
    await database.pool.query(`update ${table}_leases set idle_at = 1`);
    await store.leases.acquire("new", "ann", 1, 60_000);
    expect(await countOf(table)).toBe(20 + 2 - 2);
    expect(await store.sweep({ batch: 3 })).toBe(18);
    expect(await countOf(table)).toBe(2);
  });

  it("keep keys apart that differ in what PostgreSQL cannot hold, or only far behind", async () => {
    const { store, table } = await database.create();
    const long = "é\u0000".repeat(5_000);
    const keys = ["\u0000", "\\u0000", "\ud800", "'", '"', long, `${long}a`];
    for (const key of keys) {
      expect(await store.leases.acquire(key, key, 1, 60_000)).toBe(true);
      expect(await store.leases.acquire(key, "other", 1, 60_000)).toBe(false);
    }
    expect(await countOf(table)).toBe(2 * keys.length);
  });

  it.each(["read committed", "repeatable read", "serializable"])(
    "are no more than so many where the isolation is %s",
    async (isolation) => {
      const pool = quietPool({
        connectionString: database.server.url,
        options: `-c default_transaction_isolation=${isolation.replace(" ", "\\ ")}`,
        max: 8,
      });
      try {
        const { table } = await database.create();
        const prefix = table.replace("public.", "");
        const { leases } = postgresStore(pool, { prefix, timeout: "20s" });
        for (let key = 0; key < 10; key++) {
          const asked = Array.from({ length: 8 }, (_, owner) =>
            // Undone too often is not held.
            leases
              .acquire(`key ${key}`, `owner ${owner}`, 2, 60_000)
              .catch(() => false),
          );
          const given = (await Promise.all(asked)).filter(Boolean);
          expect(given).toHaveLength(2);
        }
      } finally {
        await pool.end();
      }
    },
  );
});
