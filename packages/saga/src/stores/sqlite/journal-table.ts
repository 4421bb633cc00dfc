import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type {
  EntryBody,
  EntryDetail,
  JournalKind,
  StoredEntry,
} from "../../journal.ts";

const columns = 9;
/** Rows of one insert: a statement for each power of two up to the largest is kept. */
const mostRows = 64;

interface EntryRow {
  readonly seq: number;
  readonly epoch: number;
  readonly kind: JournalKind;
  readonly step: string | null;
  readonly attempt: number | null;
  readonly payload: string | null;
  readonly detail: string | null;
  readonly at: number;
}

/** The journals of all runs. What is added to them in one transaction is kept back and written in few statements. */
export class JournalTable {
  /** By the number of their rows. */
  readonly #inserts = new Map<number, StatementSync>();
  readonly #select: StatementSync;
  /** The values of rows to be written. */
  #pending: SQLInputValue[] = [];

  constructor(database: DatabaseSync) {
    const row = `(${Array(columns).fill("?").join()})`;
    for (let rows = 1; rows <= mostRows; rows *= 2)
      this.#inserts.set(
        rows,
        database.prepare(
          `INSERT INTO saga_journal VALUES ${Array(rows).fill(row).join()}`,
        ),
      );
    this.#select = database.prepare(
      "SELECT seq, epoch, kind, step, attempt, payload, detail, at FROM saga_journal WHERE run = ? ORDER BY seq",
    );
  }

  /** Adds the entries after the one numbered `seq`. */
  add(
    run: number,
    epoch: number,
    seq: number,
    entries: readonly EntryBody[],
    atMs: number,
  ): void {
    for (const { kind, step, attempt, payload, detail } of entries)
      this.#pending.push(
        run,
        ++seq,
        epoch,
        kind,
        step ?? null,
        attempt ?? null,
        payload ?? null,
        detail === undefined ? null : JSON.stringify(detail),
        atMs,
      );
  }

  /** Writes what was added. */
  write(): void {
    const values = this.#pending;
    if (values.length === 0) return;
    this.#pending = [];
    let at = 0;
    for (let rows = mostRows; rows >= 1; rows /= 2)
      for (; values.length - at >= rows * columns; at += rows * columns)
        this.#inserts.get(rows)?.run(...values.slice(at, at + rows * columns));
  }

  /** Forgets what was added. */
  discard(): void {
    this.#pending = [];
  }

  read(run: number): StoredEntry[] {
    this.write();
    return (this.#select.all(run) as unknown as EntryRow[]).map(entryOf);
  }
}

const entryOf = (row: EntryRow): StoredEntry => {
  const { seq, epoch, kind, step, attempt, payload, detail, at } = row;
  return {
    kind,
    ...(step !== null && { step }),
    ...(attempt !== null && { attempt }),
    ...(payload !== null && { payload }),
    ...(detail !== null && { detail: JSON.parse(detail) as EntryDetail }),
    seq,
    epoch,
    atMs: at,
  };
};
