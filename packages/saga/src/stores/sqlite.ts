import type { DatabaseSync } from "node:sqlite";
import { systemClock, type Clock } from "@dp/core";
import { StoreError } from "../errors.ts";
import { isFinal, type EntryBody, type StoredEntry } from "../journal.ts";
import { LiveRuns } from "./live-runs.ts";
import {
  acceptCancel,
  applyAppend,
  claimedRun,
  giveBack,
  newRecord,
  take,
  verdictOf,
} from "./run-record.ts";
import { openDatabase } from "./sqlite/database.ts";
import { GroupCommit } from "./sqlite/group-commit.ts";
import { JournalTable } from "./sqlite/journal-table.ts";
import { RunTable, type RunRow } from "./sqlite/run-table.ts";
import type {
  Append,
  Appended,
  CancelAnswer,
  CancelGate,
  Claimant,
  ClaimedRun,
  DefinitionId,
  ListQuery,
  LiveShape,
  RunHead,
  RunSummary,
  SagaStore,
  Started,
} from "./store.ts";

/** What an {@link sqliteStore} can be told. */
export interface SqliteStoreOptions {
  /** @defaultValue systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * Since no other process can open the file, what is known of live runs is kept in memory too, and who holds them only
 * there: a process that opens the file knows that all who held runs before are dead.
 */
class SqliteStore implements SagaStore {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #runs: RunTable;
  readonly #journals: JournalTable;
  readonly #live = new LiveRuns<RunRow>();
  readonly #group: GroupCommit;
  #closing: Promise<void> | undefined;

  constructor(path: string, { clock = systemClock }: SqliteStoreOptions) {
    this.#database = openDatabase(path);
    this.#clock = clock;
    try {
      this.#runs = new RunTable(this.#database);
      this.#journals = new JournalTable(this.#database);
      this.#group = new GroupCommit(this.#database, {
        beforeCommit: () => this.#journals.write(),
        restore: () => this.#restore(),
      });
      this.#restore();
    } catch (cause) {
      this.#database.close();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StoreError(`${path} is damaged: ${why}`, { cause });
    }
  }

  open(): Promise<void> {
    return this.#group.do(() => undefined);
  }

  start(
    head: RunHead,
    entries: readonly EntryBody[],
    claimant: Claimant | undefined,
    gate: CancelGate,
  ): Promise<Started> {
    return this.#group.do(() => {
      const atMs = this.#clock.wallNow();
      const record = newRecord(head, claimant, gate, atMs);
      const row = this.#runs.add(record);
      if (row === undefined) return this.#existing(head.id);
      if (claimant !== undefined) this.#live.prolong(claimant, atMs);
      this.#journals.add(row, record.epoch, 0, entries, atMs);
      this.#live.add({ ...record, row, seq: entries.length });
      return { kind: "started", epoch: record.epoch, atMs };
    });
  }

  append(append: Append): Promise<Appended> {
    return this.#group.do(() => {
      const { id, entries } = append;
      const run = this.#live.get(id);
      const verdict =
        run === undefined
          ? this.#verdictOfEnded(append)
          : verdictOf(run, append);
      if (verdict === "lost") return { kind: "lost" };
      if (verdict === "cancelled")
        return { kind: "cancelled", reason: run?.cancel ?? "" };
      const atMs = this.#clock.wallNow();
      if (verdict === "write" && run !== undefined) {
        this.#journals.add(run.row, run.epoch, run.seq, entries, atMs);
        if (applyAppend(run, append, atMs)) this.#runs.save(run);
        if (isFinal(run.state)) this.#live.delete(id);
      }
      return { kind: "appended", atMs, cancel: run?.cancel };
    });
  }

  claim(
    claimant: Claimant,
    definitions: readonly DefinitionId[],
    limit: number,
    held: ReadonlySet<string>,
  ): Promise<readonly ClaimedRun[]> {
    return this.#group.do(() => {
      const nowMs = this.#clock.wallNow();
      this.#live.prolong(claimant, nowMs);
      return this.#live
        .due(claimant, definitions, limit, held, nowMs)
        .map((run) => this.#take(run, claimant, nowMs));
    });
  }

  seize(claimant: Claimant, id: string): Promise<ClaimedRun | undefined> {
    return this.#group.do(() => {
      const run = this.#live.get(id);
      if (run === undefined) return undefined;
      const nowMs = this.#clock.wallNow();
      this.#live.prolong(claimant, nowMs);
      return this.#take(run, claimant, nowMs);
    });
  }

  renew(claimant: Claimant): Promise<void> {
    return this.#group.do(() =>
      this.#live.prolong(claimant, this.#clock.wallNow()),
    );
  }

  release(id: string, epoch: number, delayMs: number): Promise<void> {
    return this.#group.do(() => {
      const run = this.#live.get(id);
      if (run?.epoch !== epoch) return;
      run.claims = 0;
      giveBack(run, this.#clock.wallNow() + delayMs);
      this.#runs.save(run);
    });
  }

  requestCancel(id: string, reason: string): Promise<CancelAnswer> {
    return this.#group.do(() => {
      const run = this.#live.get(id);
      if (run === undefined)
        return this.#runs.read(id) === undefined ? "unknown" : "final";
      const answer = acceptCancel(run, reason, this.#clock.wallNow());
      if (answer === "accepted") this.#runs.save(run);
      return answer;
    });
  }

  cancels(
    worker: string,
  ): Promise<readonly { readonly id: string; readonly reason: string }[]> {
    return this.#group.do(() => this.#live.cancels(worker));
  }

  read(
    id: string,
  ): Promise<
    (RunSummary & { readonly entries: readonly StoredEntry[] }) | undefined
  > {
    return this.#group.do(() => {
      // Before the summary, which tells of the last entry.
      this.#journals.write();
      const found = this.#runs.read(id);
      if (found === undefined) return undefined;
      const { row, ...summary } = found;
      return { ...summary, entries: this.#journals.read(row) };
    });
  }

  list(query: ListQuery): Promise<readonly RunSummary[]> {
    return this.#group.do(() => {
      this.#journals.write();
      return this.#runs.list(query);
    });
  }

  shapes(): Promise<readonly LiveShape[]> {
    return this.#group.do(() => this.#live.shapes());
  }

  close(): Promise<void> {
    this.#closing ??= this.#group.close().then(() => this.#database.close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #existing(id: string): Started {
    const { name = "", row = -1 } = this.#runs.read(id) ?? {};
    const input = this.#journals.read(row)[0]?.payload ?? "null";
    return { kind: "exists", name, input };
  }

  /** A run that has ended takes nothing any more, but the answer to what ended it may have been lost. */
  #verdictOfEnded({ id, epoch, seq, entries }: Append): "repeated" | "lost" {
    const found = this.#runs.read(id);
    if (found === undefined) return "lost";
    const last = this.#journals.read(found.row).at(-1);
    return entries.length > 0 &&
      last?.epoch === epoch &&
      last.seq === seq + entries.length
      ? "repeated"
      : "lost";
  }

  #take(run: RunRow, claimant: Claimant, nowMs: number): ClaimedRun {
    take(run, claimant);
    this.#runs.save(run);
    return claimedRun(run, this.#journals.read(run.row), nowMs);
  }

  /**
   * Forgets what was undone. Who holds runs is not in the file: they stay theirs, apart from those that were just to
   * change hands. A run that seems free although somebody holds it is claimed under a new epoch, and its holder hears so.
   */
  #restore(): void {
    this.#journals.discard();
    const runs = this.#runs.live();
    for (const run of runs) {
      const before = this.#live.get(run.head.id);
      if (before?.epoch === run.epoch) run.owner = before.owner;
    }
    this.#live.clear();
    for (const run of runs) this.#live.add(run);
  }
}

/**
 * Keeps runs in one SQLite file that survives `kill -9` and, where the disk keeps what it has flushed, loss of power: WAL,
 * `synchronous=FULL`. The file belongs to this process alone until the store is closed; opening it throws `StoreError` if
 * it is in use, is no store, or was written by a newer version. Not for network file systems.
 *
 * Everything asked for in one turn of the event loop is one transaction, and one flush of the disk, during which the event
 * loop stands still. A live run takes some hundred bytes of memory.
 */
export const sqliteStore = (
  path: string,
  options: SqliteStoreOptions = {},
): SagaStore => new SqliteStore(path, options);
