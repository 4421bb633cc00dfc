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
  type RunRecord,
} from "./run-record.ts";
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

interface Run extends RunRecord {
  readonly entries: StoredEntry[];
}

/** What a {@link memoryStore} can be told. */
export interface MemoryStoreOptions {
  /** @defaultValue systemClock */
  readonly clock?: Clock | undefined;
}

/** Keeps runs in this process only: for tests, and as the model of what the other stores do. */
class MemoryStore implements SagaStore {
  readonly #clock: Clock;
  readonly #runs = new Map<string, Run>();
  readonly #live = new LiveRuns<Run>();
  #closed = false;

  constructor({ clock = systemClock }: MemoryStoreOptions = {}) {
    this.#clock = clock;
  }

  open(): Promise<void> {
    return this.#answer(() => undefined);
  }

  start(
    head: RunHead,
    entries: readonly EntryBody[],
    claimant: Claimant | undefined,
    gate: CancelGate,
  ): Promise<Started> {
    return this.#answer(() => {
      const existing = this.#runs.get(head.id);
      if (existing !== undefined)
        return {
          kind: "exists",
          name: existing.head.name,
          input: existing.entries[0]?.payload ?? "null",
        };
      const atMs = this.#clock.wallNow();
      const run: Run = {
        ...newRecord(head, claimant, gate, atMs),
        entries: [],
      };
      if (claimant !== undefined) this.#live.prolong(claimant, atMs);
      write(run, entries, atMs);
      run.seq = entries.length;
      this.#runs.set(head.id, run);
      this.#live.add(run);
      return { kind: "started", epoch: run.epoch, atMs };
    });
  }

  append(append: Append): Promise<Appended> {
    return this.#answer(() => {
      const run = this.#runs.get(append.id);
      const verdict = verdictOf(run, append);
      if (run === undefined || verdict === "lost") return { kind: "lost" };
      if (verdict === "cancelled")
        return { kind: "cancelled", reason: run.cancel ?? "" };
      const atMs = this.#clock.wallNow();
      if (verdict === "write") {
        write(run, append.entries, atMs);
        applyAppend(run, append, atMs);
        if (isFinal(run.state)) this.#live.delete(append.id);
      }
      return { kind: "appended", atMs, cancel: run.cancel };
    });
  }

  claim(
    claimant: Claimant,
    definitions: readonly DefinitionId[],
    limit: number,
    held: ReadonlySet<string>,
  ): Promise<readonly ClaimedRun[]> {
    return this.#answer(() => {
      const nowMs = this.#clock.wallNow();
      this.#live.prolong(claimant, nowMs);
      return this.#live
        .due(claimant, definitions, limit, held, nowMs)
        .map((run) => taken(run, claimant, nowMs));
    });
  }

  seize(claimant: Claimant, id: string): Promise<ClaimedRun | undefined> {
    return this.#answer(() => {
      const run = this.#live.get(id);
      if (run === undefined) return undefined;
      const nowMs = this.#clock.wallNow();
      this.#live.prolong(claimant, nowMs);
      return taken(run, claimant, nowMs);
    });
  }

  renew(claimant: Claimant): Promise<void> {
    return this.#answer(() =>
      this.#live.prolong(claimant, this.#clock.wallNow()),
    );
  }

  release(id: string, epoch: number, delayMs: number): Promise<void> {
    return this.#answer(() => {
      const run = this.#live.get(id);
      if (run?.epoch !== epoch) return;
      run.claims = 0;
      giveBack(run, this.#clock.wallNow() + delayMs);
    });
  }

  requestCancel(id: string, reason: string): Promise<CancelAnswer> {
    return this.#answer(() => {
      const run = this.#live.get(id);
      if (run === undefined) return this.#runs.has(id) ? "final" : "unknown";
      return acceptCancel(run, reason, this.#clock.wallNow());
    });
  }

  cancels(
    worker: string,
  ): Promise<readonly { readonly id: string; readonly reason: string }[]> {
    return this.#answer(() => this.#live.cancels(worker));
  }

  read(
    id: string,
  ): Promise<
    (RunSummary & { readonly entries: readonly StoredEntry[] }) | undefined
  > {
    return this.#answer(() => {
      const run = this.#runs.get(id);
      return run && { ...summaryOf(run), entries: run.entries.slice() };
    });
  }

  list({
    states,
    name,
    after,
    limit,
  }: ListQuery): Promise<readonly RunSummary[]> {
    return this.#answer(() =>
      Array.from(this.#runs.values())
        .filter(
          ({ state, head }) =>
            (states === undefined || states.includes(state)) &&
            (name === undefined || name === head.name) &&
            (after === undefined || head.id > after),
        )
        .sort((a, b) => (a.head.id < b.head.id ? -1 : 1))
        .slice(0, limit)
        .map(summaryOf),
    );
  }

  shapes(): Promise<readonly LiveShape[]> {
    return this.#answer(() => this.#live.shapes());
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answer<T>(work: () => T): Promise<T> {
    if (this.#closed)
      return Promise.reject(new StoreError("the memory store was closed"));
    return Promise.resolve(work());
  }
}

const write = (run: Run, entries: readonly EntryBody[], atMs: number): void => {
  for (const entry of entries)
    run.entries.push({
      ...entry,
      seq: run.entries.length + 1,
      epoch: run.epoch,
      atMs,
    });
};

const taken = (run: Run, claimant: Claimant, nowMs: number): ClaimedRun => {
  take(run, claimant);
  return claimedRun(run, run.entries.slice(), nowMs);
};

const summaryOf = ({ head, state, entries }: Run): RunSummary => ({
  id: head.id,
  name: head.name,
  version: head.version,
  state,
  startedAtMs: entries[0]?.atMs ?? 0,
  updatedAtMs: entries.at(-1)?.atMs ?? 0,
});

/**
 * Keeps runs in this process only: for tests, and for sagas that need not outlive it. An operation costs no I/O; `claim`
 * looks at every run that is not final.
 */
export const memoryStore = (options?: MemoryStoreOptions): SagaStore =>
  new MemoryStore(options);
