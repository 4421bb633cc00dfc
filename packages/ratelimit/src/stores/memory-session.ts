import type { Clock } from "@dp/core";
import { blockedState, type LimitState } from "../decision.ts";
import { freshRow, type KeyTable } from "./key-table.ts";
import { MemoryLookup } from "./memory-lookup.ts";
import type { MemoryRoom } from "./memory-room.ts";
import type {
  BoundPolicy,
  StoreAnswer,
  StoreCounts,
  SyncStoreSession,
} from "./store.ts";

/** The policies of one limiter in a memory store. */
export class MemorySession implements SyncStoreSession {
  readonly #clock: Clock;
  readonly #lookup: MemoryLookup;
  readonly #tables: readonly KeyTable[];
  readonly #enforced: readonly boolean[];
  readonly #noneRefused: readonly boolean[];
  readonly #allRefused: readonly boolean[];

  constructor(store: MemoryRoom, bound: readonly BoundPolicy[], clock: Clock) {
    this.#clock = clock;
    this.#lookup = new MemoryLookup(store, bound, clock);
    this.#tables = this.#lookup.own;
    this.#enforced = bound.map(({ enforced }) => enforced);
    this.#noneRefused = bound.map(() => false);
    this.#allRefused = bound.map(() => true);
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
    const answer = this.#decideAlone(subjects, nowMs, cost, commit);
    if (answer !== undefined) return answer;
    const lookup = this.#lookup;
    lookup.admit(lookup.find(subjects), nowMs, commit);
    let refusal: StoreAnswer["refusal"];
    let refused: boolean[] | undefined;
    for (let index = 0; index < this.#tables.length; index++) {
      const isReady = lookup.ready(index, nowMs, cost);
      const isBlocked = this.#blockedMs(index, subjects, nowMs) > 0;
      if (isReady && !isBlocked) continue;
      refused ??= this.#noneRefused.slice();
      refused[index] = true;
      if (this.#enforced[index] !== true || refusal === "blocked") continue;
      if (isBlocked) refusal = "blocked";
      else if (refusal !== "limit")
        refusal = lookup.isTurnedAway(index) ? "store" : "limit";
    }
    const outcome = refused ?? this.#noneRefused;
    if (commit && refusal === undefined)
      for (let index = 0; index < this.#tables.length; index++)
        if (outcome[index] !== true) lookup.charge(index, cost);
    const states = this.#describe(subjects, cost, nowMs);
    return { refusal, states, refused: outcome };
  }

  adjust(
    subjects: readonly string[],
    amount: number,
    skipped: readonly boolean[] = this.#noneRefused,
  ): Promise<void> {
    const nowMs = this.#clock.now();
    const unknown = this.#lookup.find(subjects);
    // Only what is taken needs a place.
    if (amount > 0) this.#lookup.admit(unknown, nowMs, true);
    for (let index = 0; index < this.#tables.length; index++)
      if (skipped[index] !== true) this.#lookup.adjust(index, nowMs, amount);
    return Promise.resolve();
  }

  block(subjects: readonly string[], forMs: number): Promise<void> {
    const nowMs = this.#clock.now();
    for (const [index, table] of this.#tables.entries())
      table.block(subjects[index] as string, nowMs + forMs, nowMs);
    return Promise.resolve();
  }

  reset(subjects: readonly string[]): Promise<void> {
    const nowMs = this.#clock.now();
    this.#lookup.find(subjects);
    for (const [index, { blocks }] of this.#tables.entries()) {
      blocks.remove(subjects[index] as string);
      this.#lookup.forget(index, nowMs);
    }
    return Promise.resolve();
  }

  counts(): readonly StoreCounts[] {
    return this.#tables.map(({ size, forgotten, overflowed }) => ({
      keys: size,
      forgotten,
      overflowed,
    }));
  }

  /** The common case without the bookkeeping of several: one policy, a known subject. Else undefined. */
  #decideAlone(
    subjects: readonly string[],
    nowMs: number,
    cost: number,
    commit: boolean,
  ): StoreAnswer | undefined {
    if (this.#tables.length !== 1) return undefined;
    const table = this.#tables[0] as KeyTable;
    const { policy, cells } = table;
    if (policy.of !== undefined || table.blocks.size > 0) return undefined;
    const row = table.find(subjects[0] as string);
    if (row === freshRow) return undefined;
    const now = table.time(nowMs);
    const at = row * policy.width;
    let isReady = policy.wait(cells, at, now, cost) === 0;
    if (!isReady && table.heal(row, now, policy))
      isReady = policy.wait(cells, at, now, cost) === 0;
    if (isReady && commit) policy.charge(cells, at, now, cost);
    return {
      refusal: isReady || this.#enforced[0] !== true ? undefined : "limit",
      states: [policy.describe(cells, at, now, cost)],
      refused: isReady ? this.#noneRefused : this.#allRefused,
    };
  }

  #describe(
    subjects: readonly string[],
    cost: number,
    nowMs: number,
  ): readonly LimitState[] {
    const states = new Array<LimitState>(this.#tables.length);
    for (let index = 0; index < this.#tables.length; index++) {
      const state = this.#lookup.describe(index, nowMs, cost);
      const blockedMs = this.#blockedMs(index, subjects, nowMs);
      states[index] = blockedMs > 0 ? blockedState(state, blockedMs) : state;
    }
    return states;
  }

  /** For how long the subject of a policy is blocked, to the microsecond; 0 if it is not. */
  #blockedMs(
    index: number,
    subjects: readonly string[],
    nowMs: number,
  ): number {
    const { blocks } = this.#tables[index] as KeyTable;
    if (blocks.size === 0) return 0;
    const leftMs = blocks.until(subjects[index] as string) - nowMs;
    return Math.max(0, Math.round(leftMs * 1_000) / 1_000);
  }
}
