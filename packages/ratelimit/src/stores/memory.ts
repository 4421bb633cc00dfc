import { systemClock, type Clock } from "@dp/core";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { LeaseStore } from "../leases/lease-store.ts";
import { MemoryLeases } from "../leases/memory-leases.ts";
import {
  clockOrSystem,
  resolveMemoryStore,
  type MemoryStoreOptions,
} from "../options.ts";
import { KeyTable } from "./key-table.ts";
import type { MemoryRoom } from "./memory-room.ts";
import { MemorySession } from "./memory-session.ts";
import type { BoundPolicy, MemoryStore, SyncStoreSession } from "./store.ts";

class Memory implements MemoryStore, MemoryRoom {
  readonly overflow: "shared" | "deny";
  readonly leases: LeaseStore = new MemoryLeases(systemClock);
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
    return this.#table(`${policy.identity} ${id}`, policy, clock);
  }

  tableOfVariants(
    { id, policy }: BoundPolicy,
    variant: LimitPolicy,
    clock: Clock,
  ): KeyTable {
    return this.#table(`${policy.identity} variants ${id}`, variant, clock);
  }

  #table(name: string, policy: LimitPolicy, clock: Clock): KeyTable {
    let table = this.#tables.find(
      (each) => each.id === name && each.clock === clock,
    );
    if (table === undefined) {
      table = new KeyTable(name, policy, clock, this.#maxKeys);
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
