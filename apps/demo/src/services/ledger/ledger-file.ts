import { DatabaseSync, type StatementSync } from "node:sqlite";

/** SQLite's primary code for a file that somebody else has locked. */
const busy = 5;

interface Job {
  readonly work: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A ledger's file. What is asked for in one turn of the event loop is one transaction and one flush of the disk, so that
 * a crowd does not wait for as many flushes as it has heads.
 */
export class LedgerFile {
  readonly #database: DatabaseSync;
  #jobs: Job[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /**
   * Does `work` and resolves with what it returned when that is on disk. What it throws undoes all of its turn, which
   * then rejects: nothing was done, and each may be asked for again.
   */
  transact<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let value: T;
      if (this.#jobs.length === 0) setImmediate(() => this.#commit());
      this.#jobs.push({
        work: () => {
          value = work();
        },
        done: () => resolve(value),
        failed: reject,
      });
    });
  }

  /** Does what was asked for, then frees the file. */
  close(): void {
    this.#commit();
    this.#database.close();
  }

  #commit(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const { work } of jobs) work();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const { failed } of jobs) failed(error);
      return;
    }
    for (const { done } of jobs) done();
  }
}

/**
 * Opens the ledger's file for this process alone, with its tables; undefined if another process has it. The lock goes
 * with the process, however it ends.
 */
export const openLedgerFile = (
  path: string,
  schema: string,
): LedgerFile | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // The lock comes with the first write and stays; set before WAL, no shared memory is needed.
    database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
    );
    database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
    return new LedgerFile(database);
  } catch (error) {
    database.close();
    const { errcode } = error as { readonly errcode?: number };
    if (((errcode ?? 0) & 0xff) === busy) return undefined;
    throw error;
  }
};
