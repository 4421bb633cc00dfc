import { systemClock, type Clock } from "@dp/core";
import { StoreError } from "../errors.ts";
import {
  advances,
  isFinal,
  isProgress,
  type EntryBody,
  type SagaState,
  type StoredEntry,
} from "../journal.ts";
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

interface Run {
  readonly head: RunHead;
  readonly entries: StoredEntry[];
  state: SagaState;
  gate: CancelGate;
  epoch: number;
  owner: string | undefined;
  nextAtMs: number;
  claims: number;
  cancel: string | undefined;
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
  /** Those that are not final. */
  readonly #live = new Set<Run>();
  /** When the lease of each worker runs out. */
  readonly #leases = new Map<string, number>();
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
        head,
        entries: [],
        state: "running",
        gate,
        epoch: claimant === undefined ? 0 : 1,
        owner: claimant?.worker,
        nextAtMs: atMs,
        claims: 0,
        cancel: undefined,
      };
      if (claimant !== undefined) this.#prolong(claimant, atMs);
      write(run, entries, atMs);
      this.#runs.set(head.id, run);
      this.#live.add(run);
      return { kind: "started", epoch: run.epoch, atMs };
    });
  }

  append(append: Append): Promise<Appended> {
    return this.#answer(() => {
      const { entries, epoch, seq, knowsCancel, releaseInMs } = append;
      const run = this.#runs.get(append.id);
      if (run?.epoch !== epoch) return { kind: "lost" };
      const atMs = this.#clock.wallNow();
      const isRepeated =
        entries.length > 0 && run.entries.length === seq + entries.length;
      if (!isRepeated) {
        if (run.entries.length !== seq) return { kind: "lost" };
        if (
          run.cancel !== undefined &&
          !knowsCancel &&
          entries.some(({ kind }) => advances(kind))
        )
          return { kind: "cancelled", reason: run.cancel };
        write(run, entries, atMs);
        run.state = append.state;
        run.gate = append.gate;
        if (entries.some(({ kind }) => isProgress(kind))) run.claims = 0;
        if (isFinal(run.state)) this.#live.delete(run);
        if (isFinal(run.state) || run.state === "stuck") run.owner = undefined;
        if (releaseInMs !== undefined) giveBack(run, atMs + releaseInMs);
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
      this.#prolong(claimant, nowMs);
      const due = Array.from(this.#live)
        .filter(
          (run) =>
            (run.state === "running" || run.state === "compensating") &&
            definitions.some(
              ({ name, version }) =>
                name === run.head.name && version === run.head.version,
            ) &&
            this.#isFree(run, claimant, held, nowMs),
        )
        .sort((a, b) => a.nextAtMs - b.nextAtMs)
        .slice(0, limit);
      return due.map((run) => take(run, claimant, nowMs));
    });
  }

  #isFree(
    { head, owner, nextAtMs }: Run,
    { worker }: Claimant,
    held: ReadonlySet<string>,
    nowMs: number,
  ): boolean {
    if (owner === undefined) return nextAtMs <= nowMs;
    if (owner === worker) return !held.has(head.id);
    return (this.#leases.get(owner) ?? 0) <= nowMs;
  }

  seize(claimant: Claimant, id: string): Promise<ClaimedRun | undefined> {
    return this.#answer(() => {
      const run = this.#runs.get(id);
      if (run === undefined || isFinal(run.state)) return undefined;
      const nowMs = this.#clock.wallNow();
      this.#prolong(claimant, nowMs);
      return take(run, claimant, nowMs);
    });
  }

  renew(claimant: Claimant): Promise<void> {
    return this.#answer(() => this.#prolong(claimant, this.#clock.wallNow()));
  }

  release(id: string, epoch: number, delayMs: number): Promise<void> {
    return this.#answer(() => {
      const run = this.#runs.get(id);
      if (run?.epoch !== epoch) return;
      run.claims = 0;
      giveBack(run, this.#clock.wallNow() + delayMs);
    });
  }

  requestCancel(id: string, reason: string): Promise<CancelAnswer> {
    return this.#answer(() => {
      const run = this.#runs.get(id);
      if (run === undefined) return "unknown";
      if (isFinal(run.state)) return "final";
      if (run.gate !== "open") return run.gate;
      run.cancel ??= reason;
      run.nextAtMs = Math.min(run.nextAtMs, this.#clock.wallNow());
      return "accepted";
    });
  }

  cancels(
    worker: string,
  ): Promise<readonly { readonly id: string; readonly reason: string }[]> {
    return this.#answer(() =>
      Array.from(this.#live).flatMap(({ head, owner, cancel }) =>
        owner === worker && cancel !== undefined
          ? [{ id: head.id, reason: cancel }]
          : [],
      ),
    );
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
    return this.#answer(() => {
      const found = new Map<string, LiveShape>();
      for (const { head } of this.#live) {
        const { id, name, version, shape } = head;
        const key = JSON.stringify([name, version, shape]);
        if (!found.has(key)) found.set(key, { id, name, version, shape });
      }
      return Array.from(found.values());
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #prolong({ worker, leaseMs }: Claimant, nowMs: number): void {
    this.#leases.set(worker, nowMs + leaseMs);
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

const giveBack = (run: Run, nextAtMs: number): void => {
  run.owner = undefined;
  run.nextAtMs = nextAtMs;
};

const take = (run: Run, { worker }: Claimant, nowMs: number): ClaimedRun => {
  run.epoch++;
  run.claims++;
  run.owner = worker;
  return {
    ...run.head,
    state: run.state,
    epoch: run.epoch,
    entries: run.entries.slice(),
    claims: run.claims,
    cancel: run.cancel,
    nowMs,
  };
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
