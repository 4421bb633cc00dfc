import type { Clock } from "@dp/core";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { LimitState } from "../decision.ts";
import {
  clockOrSystem,
  resolveMemoryStore,
  type MemoryStoreOptions,
} from "../options.ts";
import { freshRow, KeyTable, sharedRow } from "./key-table.ts";
import type {
  BoundPolicy,
  MemoryStore,
  StoreAnswer,
  StoreCounts,
  SyncStoreSession,
} from "./store.ts";

/** In place of a row: the subject has none and gets none. */
const noRow = -1;

class Memory implements MemoryStore {
  readonly overflow: "shared" | "deny";
  readonly #maxKeys: number;
  readonly #tables: KeyTable[] = [];

  constructor(options: MemoryStoreOptions) {
    const { maxKeys, overflow } = resolveMemoryStore(options);
    this.#maxKeys = maxKeys;
    this.overflow = overflow;
  }

  get size(): number {
    let size = 0;
    for (const table of this.#tables) size += table.size;
    return size;
  }

  /** How many new subjects fit without forgetting any. */
  get room(): number {
    return this.#maxKeys - this.size;
  }

  bind(
    policies: readonly BoundPolicy[],
    clock: Clock | undefined,
  ): SyncStoreSession {
    return new MemorySession(this, policies, clockOrSystem(clock));
  }

  /** The table of a policy. Limiters with different clocks never share one: their times do not compare. */
  table({ id, policy }: BoundPolicy, clock: Clock): KeyTable {
    const name = `${policy.identity} ${id}`;
    let table = this.#tables.find(
      (each) => each.id === name && each.clock === clock,
    );
    if (table === undefined) {
      table = new KeyTable(name, policy, clock);
      this.#tables.push(table);
    }
    return table;
  }

  /** Forgets idle subjects, of any policy, until `wanted` new ones fit or none is idle. */
  makeRoom(wanted: number, clock: Clock, nowMs: number): void {
    let missing = wanted - this.room;
    for (const table of this.#tables) {
      if (missing <= 0) return;
      const now = table.timeOf(clock, nowMs);
      missing -= table.forgetIdle(now, missing, Infinity);
    }
  }

  /** Until a subject may become idle, at the earliest. */
  roomAfterMs(clock: Clock, nowMs: number): number {
    let least = Infinity;
    for (const table of this.#tables) {
      const wait = table.firstIdleAt() - table.timeOf(clock, nowMs);
      least = Math.min(least, wait / table.policy.unitsPerMs);
    }
    return Math.max(0, least);
  }
}

class MemorySession implements SyncStoreSession {
  readonly #store: Memory;
  readonly #clock: Clock;
  readonly #tables: readonly KeyTable[];
  readonly #enforced: readonly boolean[];
  readonly #noneRefused: readonly boolean[];
  /** Row and time of each policy in the decision being made; kept to spare allocating them. */
  readonly #rows: Int32Array;
  readonly #times: Float64Array;

  constructor(store: Memory, policies: readonly BoundPolicy[], clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#tables = policies.map((each) => store.table(each, clock));
    this.#enforced = policies.map(({ enforced }) => enforced);
    this.#noneRefused = policies.map(() => false);
    this.#rows = new Int32Array(policies.length);
    this.#times = new Float64Array(policies.length);
  }

  decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): Promise<StoreAnswer> {
    return Promise.resolve(this.decideSync(subjects, cost, commit));
  }

  decideSync(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): StoreAnswer {
    const nowMs = this.#clock.now();
    const state = this.#decideAlone(subjects, nowMs, cost, commit);
    if (state !== undefined) {
      const refused = this.#noneRefused;
      return { refusal: undefined, states: [state], refused };
    }
    const unknown = this.#find(subjects);
    if (unknown > this.#store.room)
      this.#overflow(subjects, unknown, nowMs, commit);
    let refusal: StoreAnswer["refusal"];
    let refused: boolean[] | undefined;
    for (let index = 0; index < this.#tables.length; index++) {
      if (this.#ready(index, nowMs, cost)) continue;
      refused ??= this.#noneRefused.slice();
      refused[index] = true;
      if (this.#enforced[index] === true && refusal !== "limit")
        refusal = this.#rows[index] === noRow ? "store" : "limit";
    }
    const outcome = refused ?? this.#noneRefused;
    if (commit && refusal === undefined) this.#charge(subjects, cost, outcome);
    return { refusal, states: this.#describe(cost, nowMs), refused: outcome };
  }

  counts(): readonly StoreCounts[] {
    return this.#tables.map(({ size, forgotten, overflowed }) => ({
      keys: size,
      forgotten,
      overflowed,
    }));
  }

  /** The common case without the bookkeeping of several: one policy, a known subject, allowed. Else undefined. */
  #decideAlone(
    subjects: readonly string[],
    nowMs: number,
    cost: number,
    commit: boolean,
  ): LimitState | undefined {
    if (this.#tables.length !== 1) return undefined;
    const table = this.#tables[0] as KeyTable;
    const row = table.find(subjects[0] as string);
    if (row === freshRow) return undefined;
    const now = table.time(nowMs);
    const { policy, cells } = table;
    const at = row * policy.width;
    if (policy.wait(cells, at, now, cost) !== 0) return undefined;
    if (commit) policy.charge(cells, at, now, cost);
    return policy.describe(cells, at, now, cost);
  }

  /** Looks the subjects up; says how many are unknown. */
  #find(subjects: readonly string[]): number {
    let unknown = 0;
    for (let index = 0; index < this.#tables.length; index++) {
      const table = this.#tables[index] as KeyTable;
      const row = table.find(subjects[index] as string);
      this.#rows[index] = row;
      if (row === freshRow) unknown++;
    }
    return unknown;
  }

  /** Makes room for the unknown subjects, and turns away those that still find none. */
  #overflow(
    subjects: readonly string[],
    unknown: number,
    nowMs: number,
    commit: boolean,
  ): void {
    // Again while one of these very subjects was idle and is forgotten too: it then needs room itself.
    for (let wanted = 0, found = unknown; found > wanted;) {
      wanted = found;
      this.#store.makeRoom(wanted, this.#clock, nowMs);
      found = this.#find(subjects);
    }
    let { room } = this.#store;
    for (let index = 0; index < this.#tables.length; index++) {
      if (this.#rows[index] !== freshRow || room-- > 0) continue;
      this.#rows[index] = this.#store.overflow === "deny" ? noRow : sharedRow;
      if (commit) (this.#tables[index] as KeyTable).overflowed++;
    }
  }

  /** Brings the row of a policy up to the moment; says whether it can take `cost`. */
  #ready(index: number, nowMs: number, cost: number): boolean {
    const table = this.#tables[index] as KeyTable;
    const row = this.#rows[index] as number;
    const now = table.time(nowMs);
    this.#times[index] = now;
    if (row === noRow) return false;
    if (row === freshRow) table.startFresh(now);
    else table.heal(row, now);
    const { policy } = table;
    return policy.wait(table.cells, row * policy.width, now, cost) === 0;
  }

  #charge(
    subjects: readonly string[],
    cost: number,
    refused: readonly boolean[],
  ): void {
    for (let index = 0; index < this.#tables.length; index++) {
      if (refused[index] === true) continue;
      const table = this.#tables[index] as KeyTable;
      const row = this.#rows[index] as number;
      const now = this.#times[index] as number;
      const { policy } = table;
      policy.charge(table.cells, row * policy.width, now, cost);
      if (row === freshRow) table.add(subjects[index] as string, now);
    }
  }

  #describe(cost: number, nowMs: number): readonly LimitState[] {
    const states = new Array<LimitState>(this.#tables.length);
    for (let index = 0; index < this.#tables.length; index++) {
      const { cells, policy } = this.#tables[index] as KeyTable;
      const row = this.#rows[index] as number;
      const now = this.#times[index] as number;
      states[index] =
        row === noRow
          ? this.#turnedAway(policy, nowMs)
          : policy.describe(cells, row * policy.width, now, cost);
    }
    return states;
  }

  /** What a policy is to a subject that found no room: nothing, until there may be some. */
  #turnedAway({ limit, periodMs }: LimitPolicy, nowMs: number): LimitState {
    const waitMs = this.#store.roomAfterMs(this.#clock, nowMs);
    return {
      limit,
      remaining: 0,
      resetAfterMs: waitMs,
      retryAfterMs: waitMs,
      periodMs,
    };
  }
}

/**
 * A store in this process's memory, for limits that need not be shared between processes.
 *
 * It holds at most `maxKeys` subjects and never forgets one that is throttled, or has spent anything that has not come
 * back: it forgets only subjects that are back to full, which changes no answer. When a new subject arrives and all
 * are still spending, `overflow` says what happens to the new one; the others notice nothing. Memory is at most 200
 * bytes a subject of 20 characters. There are no timers. O(1) a decision, O(log n) for a new subject.
 *
 * Several limiters may share one; each pays for its own decisions only. Throws `InvalidOptionError` for bad options.
 */
export const memoryStore = (options: MemoryStoreOptions = {}): MemoryStore =>
  new Memory(options);
