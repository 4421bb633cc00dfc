import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SagaState } from "../../journal.ts";
import type { RunRecord } from "../run-record.ts";
import type { CancelGate, ListQuery, RunSummary } from "../store.ts";

/** A live run and its row. */
export interface RunRow extends RunRecord {
  readonly row: number;
}

interface StoredRun {
  readonly run: number;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly shape: string;
  readonly state: SagaState;
  readonly gate: CancelGate;
  readonly epoch: number;
  readonly next_at: number;
  readonly claims: number;
  readonly cancel: string | null;
  readonly seq: number;
}

interface SummaryRow {
  readonly run: number;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly state: SagaState;
  readonly started: number;
  readonly updated: number;
}

const summary = `
  SELECT run, id, name, version, state,
    (SELECT at FROM saga_journal j WHERE j.run = r.run ORDER BY seq LIMIT 1) AS started,
    (SELECT at FROM saga_journal j WHERE j.run = r.run ORDER BY seq DESC LIMIT 1) AS updated
  FROM saga_run r`;

/** One row a run. Owner and last seq are not in it: the one is gone with the process, the journal has the other. */
export class RunTable {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #live: StatementSync;
  readonly #summary: StatementSync;
  readonly #list: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      "INSERT INTO saga_run (id, name, version, shape, state, gate, epoch, next_at, claims) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    );
    this.#update = database.prepare(
      "UPDATE saga_run SET state = ?, gate = ?, epoch = ?, next_at = ?, claims = ?, cancel = ? WHERE run = ?",
    );
    this.#live = database.prepare(`
      SELECT run, id, name, version, shape, state, gate, epoch, next_at, claims, cancel,
        (SELECT max(seq) FROM saga_journal j WHERE j.run = r.run) AS seq
      FROM saga_run r WHERE state IN ('running', 'compensating', 'stuck') ORDER BY run`);
    this.#summary = database.prepare(`${summary} WHERE id = ?`);
    this.#list = database.prepare(`
      ${summary}
      WHERE id > ? AND (? IS NULL OR name = ?)
        AND (? IS NULL OR state IN (SELECT value FROM json_each(?)))
      ORDER BY id LIMIT ?`);
  }

  /** The number of its row, or undefined if there is a run of its id. */
  add({
    head,
    state,
    gate,
    epoch,
    nextAtMs,
    claims,
  }: RunRecord): number | undefined {
    const { id, name, version, shape } = head;
    const { changes, lastInsertRowid } = this.#insert.run(
      id,
      name,
      version,
      shape,
      state,
      gate,
      epoch,
      nextAtMs,
      claims,
    );
    return Number(changes) === 0 ? undefined : Number(lastInsertRowid);
  }

  save(run: RunRow): void {
    const { row, state, gate, epoch, nextAtMs, claims, cancel } = run;
    this.#update.run(
      state,
      gate,
      epoch,
      nextAtMs,
      claims,
      cancel === undefined ? null : JSON.stringify(cancel),
      row,
    );
  }

  /** All runs that are not final, held by nobody. */
  live(): RunRow[] {
    return (this.#live.all() as unknown as StoredRun[]).map(runOf);
  }

  read(id: string): (RunSummary & { readonly row: number }) | undefined {
    const found = this.#summary.get(id) as SummaryRow | undefined;
    return found && { ...summaryOf(found), row: found.run };
  }

  list({ states, name, after, limit }: ListQuery): readonly RunSummary[] {
    const wanted = states === undefined ? null : JSON.stringify(states);
    const rows = this.#list.all(
      after ?? "",
      name ?? null,
      name ?? null,
      wanted,
      wanted,
      limit,
    );
    return (rows as unknown as SummaryRow[]).map(summaryOf);
  }
}

const runOf = (stored: StoredRun): RunRow => {
  const { run, id, name, version, shape, cancel, next_at, ...rest } = stored;
  return {
    ...rest,
    row: run,
    head: { id, name, version, shape },
    owner: undefined,
    nextAtMs: next_at,
    cancel: cancel === null ? undefined : (JSON.parse(cancel) as string),
  };
};

const summaryOf = ({
  id,
  name,
  version,
  state,
  started,
  updated,
}: SummaryRow): RunSummary => ({
  id,
  name,
  version,
  state,
  startedAtMs: started,
  updatedAtMs: updated,
});
