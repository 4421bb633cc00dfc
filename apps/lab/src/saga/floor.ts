import {
  DatabaseSync,
  type SQLInputValue,
  type StatementSync,
} from "node:sqlite";
import type { EntryBody } from "@dp/saga";
import { three } from "./engine.ts";
import type { Subject } from "./subject.ts";

/** Rows a statement takes at most, so that there are few statements to prepare. */
const mostRows = 128;

const tables = `
  CREATE TABLE run (run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version INTEGER NOT NULL,
    shape TEXT NOT NULL, state TEXT NOT NULL, gate TEXT NOT NULL, epoch INTEGER NOT NULL, next_at REAL NOT NULL,
    claims INTEGER NOT NULL) STRICT;
  CREATE INDEX live ON run (run) WHERE state IN ('running', 'compensating', 'stuck');
  CREATE TABLE journal (run INTEGER NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, kind TEXT NOT NULL,
    step TEXT, attempt INTEGER, payload TEXT, detail TEXT, at REAL NOT NULL, PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID;`;

/** Rows of one table, written together. */
class Rows {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #columns: number;
  readonly #statements = new Map<number, StatementSync>();
  #values: SQLInputValue[] = [];

  constructor(database: DatabaseSync, table: string, columns: number) {
    this.#database = database;
    this.#table = table;
    this.#columns = columns;
  }

  add(...values: readonly SQLInputValue[]): void {
    this.#values.push(...values);
  }

  write(): void {
    const most = mostRows * this.#columns;
    for (let at = 0; at < this.#values.length; at += most) {
      const part = this.#values.slice(at, at + most);
      this.#insertOf(part.length / this.#columns).run(...part);
    }
    this.#values = [];
  }

  #insertOf(rows: number): StatementSync {
    let statement = this.#statements.get(rows);
    if (statement === undefined) {
      const row = `(${Array(this.#columns).fill("?").join()})`;
      statement = this.#database.prepare(
        `INSERT INTO ${this.#table} VALUES ${Array(rows).fill(row).join()}`,
      );
      this.#statements.set(rows, statement);
    }
    return statement;
  }
}

/**
 * The least a durable saga can cost: the same rows and bytes in the same commits, one after the other, with nothing around
 * them. What all runs write in one turn of the event loop is one transaction of multi-row statements.
 */
export const floorOf = (
  path: string,
  commits: readonly (readonly EntryBody[])[],
): Subject => {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; ${tables}`);
  const runRows = new Rows(database, "run", 10);
  const journalRows = new Rows(database, "journal", 9);
  const end = database.prepare(
    "UPDATE run SET state = 'completed' WHERE run IN (SELECT value FROM json_each(?))",
  );
  let ended: number[] = [];
  let waiting: (() => void)[] = [];

  const flush = (): void => {
    const told = waiting;
    waiting = [];
    database.exec("BEGIN IMMEDIATE");
    runRows.write();
    journalRows.write();
    if (ended.length > 0) end.run(JSON.stringify(ended));
    ended = [];
    database.exec("COMMIT");
    for (const tell of told) tell();
  };
  const commit = (
    run: number,
    seq: number,
    entries: readonly EntryBody[],
  ): Promise<void> =>
    new Promise((resolve) => {
      const at = Date.now();
      for (const { kind, step, attempt, payload, detail } of entries) {
        journalRows.add(
          run,
          ++seq,
          1,
          kind,
          step ?? null,
          attempt ?? null,
          payload ?? null,
          detail === undefined ? null : JSON.stringify(detail),
          at,
        );
        if (kind === "completed") ended.push(run);
      }
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(flush);
    });

  let runs = 0;
  return {
    name: "bare journal",
    run: async (id) => {
      const run = ++runs;
      const { name, version } = three;
      runRows.add(
        run,
        id,
        name,
        version,
        "a > b > c",
        "running",
        "open",
        1,
        Date.now(),
        0,
      );
      let seq = 0;
      for (const entries of commits) {
        await commit(run, seq, entries);
        seq += entries.length;
      }
    },
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
};
