import { ManualClock } from "@dp/core/testing";
import { servicesSkipped } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLimiter,
  fixedWindow,
  tokenBucket,
  type LimitPolicy,
} from "../../src/index.ts";
import { postgresStore } from "../../src/postgres/index.ts";
import { startDatabase, type Database } from "./postgres-database.ts";

const perHour = tokenBucket({ limit: 10, per: "1h" });
const perDay = fixedWindow({ limit: 1_000, per: "1d" });

describe.skipIf(servicesSkipped)("a store in PostgreSQL", () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  const rowsOf = async (
    table: string,
  ): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    (
      await database.pool.query<Record<string, unknown>>(
        `select *, xmin::text, ctid::text from ${table} order by key`,
      )
    ).rows;

  it("admits exactly the limit to takes on ten connections, whatever the order of the policies", async () => {
    const { store } = await database.create();
    const orders = [
      { perHour, perDay },
      { perDay, perHour },
    ] as const;
    const limiters = orders.map((policies) =>
      createLimiter({ policies, store, onStoreError: "throw" }),
    );
    const keys = { perHour: "ann", perDay: "bob" };
    const takes = Array.from({ length: 100 }, (_, index) =>
      limiters[index % 2]!.allow(keys),
    );
    const admitted = (await Promise.all(takes)).filter(Boolean);
    expect(admitted).toHaveLength(10);
    const { limits } = await limiters[0]!.peek(keys);
    expect(limits.perDay.remaining).toBe(990);
    expect(database.pool.totalCount).toBe(10);
  });

  it("never deadlocks on subjects that are locked in any order while rows come and go", async () => {
    const { table } = await database.create();
    const errors: unknown[] = [];
    const listening = {
      query: (text: string, values: unknown[]) =>
        database.pool.query(text, values).catch((error: unknown) => {
          errors.push(error);
          throw error;
        }),
    };
    const store = postgresStore(listening, {
      prefix: table.replace("public.", ""),
      timeout: "20s",
    });
    const limiter = createLimiter({
      policies: { first: perDay, second: perDay },
      store,
      onStoreError: "throw",
    });
    const names = ["ann", "bob", "cid"];
    const name = (index: number): string => names[index % 3]!;
    const acts = Array.from({ length: 300 }, async (_, index) => {
      const keys = { first: name(index), second: name(index >> 2) };
      if (index % 7 === 0) await limiter.reset(keys);
      else if (index % 11 === 0) await limiter.block(keys, index % 2);
      else if (index % 13 === 0) {
        await database.pool.query(`update ${table} set idle_at = 1 where key in
          (select key from ${table} limit 3 for update skip locked)`);
        await store.sweep();
      } else await limiter.take(keys);
    });
    await expect(Promise.all(acts)).resolves.toHaveLength(300);
    expect(errors).toEqual([]);
  });

  /** Statements that wait for locks in this database. */
  const countWaiting = async (): Promise<number | null> =>
    (
      await database.pool.query(
        "select from pg_stat_activity where backend_type = 'client backend' and cardinality(pg_blocking_pids(pid)) > 0",
      )
    ).rowCount;

  it("touches no row on a reset or the end of a block that it did not find and lock in order", async () => {
    for (const act of ["reset", "unblock"]) {
      const { store, table } = await database.create();
      const limiter = createLimiter({
        policies: { first: perDay, second: perDay },
        store,
        onStoreError: "throw",
      });
      const keys = { first: "ann", second: "bob" };
      await limiter.take(keys);
      const [first, second] = (await rowsOf(table)).map(({ key }) => key);
      await database.pool.query(`delete from ${table} where key = $1`, [first]);
      const lock = `select from ${table} where key = $1 for update`;
      const holder = await database.pool.connect();
      const other = await database.pool.connect();
      try {
        await holder.query("begin");
        await holder.query(lock, [second]);
        const acting =
          act === "reset" ? limiter.reset(keys) : limiter.block(keys, 0);
        await expect.poll(() => countWaiting()).toBe(1);
        // It has passed by the first row. Now there is one, and somebody holds that and stands in line for the second.
        await other.query(
          `insert into ${table} (key, idle_at) values ($1, 1e18)`,
          [first],
        );
        await other.query("begin");
        await other.query(lock, [first]);
        const waiting = other.query(lock, [second]);
        await expect.poll(() => countWaiting()).toBe(2);
        await holder.query("commit");
        await Promise.all([acting, waiting]);
        await other.query("commit");
      } finally {
        holder.release();
        other.release();
      }
      expect((await rowsOf(table)).map(({ key }) => key)).toContain(first);
    }
  });

  it("is made once, however many make it at the same time, and keeps what it has", async () => {
    const create = () =>
      postgresStore(database.pool, {
        schema: "of_its_own",
        prefix: "limits",
        timeout: "20s",
      });
    await Promise.all([create(), create(), create()].map((s) => s.migrate()));
    const limiter = createLimiter({ policies: { perHour }, store: create() });
    expect(await limiter.take("ann", 10)).toMatchObject({ source: "store" });
    await create().migrate();
    expect((await limiter.take("ann")).allowed).toBe(false);
  });

  it("says so when nobody has made it", async () => {
    const store = postgresStore(database.pool, { prefix: "unmade" });
    const limiter = createLimiter({
      policies: { perHour },
      store,
      onStoreError: "throw",
    });
    await expect(limiter.take("ann")).rejects.toThrow("migrate()");
  });

  it("counts by the server's own time when there is no clock", async () => {
    const { store } = await database.create();
    const policies = { fast: tokenBucket({ limit: 1_000, per: "1s" }) };
    const limiter = createLimiter({ policies, store });
    expect((await limiter.take("ann", 500)).resetAfterMs).toBe(500);
    await expect
      .poll(async () => (await limiter.peek("ann")).remaining)
      .toBe(1_000);
  });

  it("writes nothing for a refusal and for a peek", async () => {
    const { store, table } = await database.create();
    const limiter = createLimiter({ policies: { perHour, perDay }, store });
    await limiter.take("ann", 10);
    const before = (await rowsOf(table)).map(({ xmin, ctid }) => [xmin, ctid]);
    expect(before).toHaveLength(2);
    expect((await limiter.take("ann")).allowed).toBe(false);
    expect((await limiter.take("bob", 11)).allowed).toBe(false);
    expect((await limiter.peek("cid")).allowed).toBe(true);
    await limiter.refund("dan", 1);
    const after = (await rowsOf(table)).map(({ xmin, ctid }) => [xmin, ctid]);
    expect(after).toEqual(before);
  });

  it("changes no indexed column for most charges", async () => {
    const { store, table } = await database.create();
    const policies = { fast: tokenBucket({ limit: 10_000, per: "1s" }) };
    const limiter = createLimiter({ policies, store });
    await limiter.take("ann");
    const [first] = await rowsOf(table);
    for (let take = 0; take < 20; take++) await limiter.take("ann");
    const [last] = await rowsOf(table);
    expect(last).toMatchObject({ idle_at: first!["idle_at"] });
    expect(last!["xmin"]).not.toBe(first!["xmin"]);
  });

  it("never scans the whole table, not even by a plan made while it was small", async () => {
    const { store, table } = await database.create();
    const limiter = createLimiter({ policies: { perHour }, store });
    await limiter.take("ann");
    await database.pool.query(`vacuum analyze ${table}`);
    const takes = Array.from({ length: 300 }, async (_, index) => {
      await limiter.take(`subject ${index % 40}`);
    });
    await Promise.all(takes);
    await limiter.block("ann", "1m");
    await limiter.reset("ann");
    await store.sweep();
    let seqScans = 0;
    // A connection tells of its scans about a second later, when it is used again.
    const indexScans = async (): Promise<number> => {
      const { pool } = database;
      const uses = Array.from({ length: 10 }, () => pool.query("select"));
      await Promise.all(uses);
      const { rows } = await pool.query<{ seq_scan: number; idx_scan: number }>(
        `select seq_scan::int, idx_scan::int from pg_stat_user_tables
         where relid = '${table}'::regclass`,
      );
      seqScans = rows[0]!.seq_scan;
      return rows[0]!.idx_scan;
    };
    await expect
      .poll(indexScans, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(600);
    // Making the two indexes reads the table.
    expect(seqScans).toBeLessThanOrEqual(2);
  });

  it("deletes two rows that have long been idle for every new subject, and all of them in a sweep", async () => {
    const { store, table } = await database.create();
    const limiter = createLimiter({ policies: { perHour }, store });
    for (let subject = 0; subject < 25; subject++)
      await limiter.take(`subject ${subject}`);
    await database.pool.query(`update ${table} set idle_at = 1
      where key not like '%subject 7"'`);
    await limiter.take("subject 7");
    expect(await rowsOf(table)).toHaveLength(25);
    await limiter.take("new");
    await limiter.take("newer");
    expect(await rowsOf(table)).toHaveLength(25 + 2 - 4);
    expect(await store.sweep({ batch: 3 })).toBe(20);
    expect(await store.sweep()).toBe(0);
    const left = await rowsOf(table);
    expect(left.map(({ key }) => String(key).slice(12))).toEqual(
      expect.arrayContaining(['"new"', '"newer"', '"subject 7"']),
    );
  });

  it("sweeps around rows that somebody holds", async () => {
    const { store, table } = await database.create();
    const limiter = createLimiter({ policies: { perHour }, store });
    await limiter.take("ann");
    await limiter.take("bob");
    await database.pool.query(`update ${table} set idle_at = 1`);
    const holder = await database.pool.connect();
    await holder.query("begin");
    await holder.query(
      `select from ${table} where key like '%ann"' for update`,
    );
    expect(await store.sweep()).toBe(1);
    await holder.query("rollback");
    holder.release();
    expect(await store.sweep()).toBe(1);
  });

  it("keeps subjects apart that differ in what PostgreSQL cannot hold, or only far behind", async () => {
    const { store, table } = await database.create();
    const limiter = createLimiter({ policies: { perHour }, store });
    const long = "é\u0000".repeat(5_000);
    const subjects = [
      ...["\u0000", "\\u0000", "\ud800", "\ud801", "\udc00\ud800", "\ufffd"],
      ...["é", "e\u0301", '"', '\\"', "{a,b}", "NULL", "😀"],
      ...[long, `${long}a`, `${long}b`],
    ];
    for (const subject of subjects) {
      expect((await limiter.take(subject, 10)).allowed).toBe(true);
      expect((await limiter.take(subject)).allowed).toBe(false);
    }
    expect(await rowsOf(table)).toHaveLength(subjects.length);
  });

  it("gives subjects limits of their own, and blocks them whatever those become", async () => {
    const { store } = await database.create();
    let limit = 5;
    const perSecond = tokenBucket({
      limit: 1,
      per: "1s",
      limitFor: (subject) =>
        subject === "ann" ? { limit, per: "1s" } : undefined,
    });
    const limiter = createLimiter({
      policies: { perSecond },
      store,
      clock: new ManualClock(),
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

  it("takes nobody's clock for its own when rows may go", async () => {
    const { store, table } = await database.create();
    const [young, own] = [{ clock: new ManualClock() }, {}].map((clock) =>
      createLimiter({ policies: { perHour }, store, prefix: "x", ...clock }),
    );
    await young!.take("by a clock that began just now");
    await own!.take("by the server's");
    await own!.take("by the server's too");
    expect(await rowsOf(table)).toHaveLength(3);
  });

  it("refuses to count by a kind of policy it does not know", async () => {
    const { store } = await database.create();
    const policy = { ...perHour, kind: "odd" } as LimitPolicy;
    const bind = () =>
      store.bind([{ id: "x", policy, enforced: true }], undefined);
    expect(bind).toThrow(
      "policies must be of a kind that PostgreSQL can count",
    );
  });
});
