import type { Clock } from "@dp/core";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { LimitState } from "../decision.ts";
import { freshRow, sharedRow, type KeyTable } from "./key-table.ts";
import type { MemoryRoom } from "./memory-room.ts";
import type { BoundPolicy } from "./store.ts";

/** In place of a row: the subject has none and gets none. */
const noRow = -1;

/**
 * Where the states of the subjects of one decision are, policy by policy. One for all decisions of a session, which come
 * one after the other, to spare allocating it.
 */
export class MemoryLookup {
  /** Where the states of each policy are when its subjects have no limits of their own. */
  readonly own: readonly KeyTable[];
  readonly #store: MemoryRoom;
  readonly #clock: Clock;
  readonly #bound: readonly BoundPolicy[];
  readonly #tables: KeyTable[];
  /** What decides for each subject: its own variant, where there are any. */
  readonly #policies: LimitPolicy[];
  readonly #rows: Int32Array;
  readonly #times: Float64Array;
  #subjects: readonly string[] = [];

  constructor(store: MemoryRoom, bound: readonly BoundPolicy[], clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#bound = bound;
    this.own = bound.map((each) => store.table(each, clock));
    this.#tables = this.own.slice();
    this.#policies = bound.map(({ policy }) => policy);
    this.#rows = new Int32Array(bound.length);
    this.#times = new Float64Array(bound.length);
  }

  /** Looks the subjects up; says how many are unknown. */
  find(subjects: readonly string[]): number {
    this.#subjects = subjects;
    let unknown = 0;
    for (let index = 0; index < this.#tables.length; index++) {
      const name = this.#nameOf(index);
      const row = (this.#tables[index] as KeyTable).find(name);
      this.#rows[index] = row;
      if (row === freshRow) unknown++;
    }
    return unknown;
  }

  /** Makes room for the unknown subjects, and turns away those that still find none; `counts` says if that is counted. */
  admit(unknown: number, nowMs: number, counts: boolean): void {
    if (unknown <= this.#store.room) return;
    // Again while one of these very subjects was idle and is forgotten too: it then needs room itself.
    for (let wanted = 0, found = unknown; found > wanted;) {
      wanted = found;
      this.#store.makeRoom(wanted, this.#clock, nowMs);
      found = this.find(this.#subjects);
    }
    let { room } = this.#store;
    for (let index = 0; index < this.#tables.length; index++) {
      if (this.#rows[index] !== freshRow || room-- > 0) continue;
      this.#rows[index] = this.#store.overflow === "deny" ? noRow : sharedRow;
      if (counts) (this.#tables[index] as KeyTable).overflowed++;
    }
  }

  /** Whether the subject of a policy found no room. */
  isTurnedAway(index: number): boolean {
    return this.#rows[index] === noRow;
  }

  /** Brings the state of a policy up to the moment; says whether it can take `cost`. */
  ready(index: number, nowMs: number, cost: number): boolean {
    const table = this.#tables[index] as KeyTable;
    const row = this.#rows[index] as number;
    const now = table.time(nowMs);
    this.#times[index] = now;
    if (row === noRow) return false;
    const policy = this.#policies[index] as LimitPolicy;
    if (row === freshRow) table.startFresh(now, policy);
    else table.heal(row, now, policy);
    return policy.wait(table.cells, row * policy.width, now, cost) === 0;
  }

  /** Charges a policy that is ready for it. */
  charge(index: number, cost: number): void {
    const table = this.#tables[index] as KeyTable;
    const row = this.#rows[index] as number;
    const now = this.#times[index] as number;
    const policy = this.#policies[index] as LimitPolicy;
    policy.charge(table.cells, row * policy.width, now, cost);
    if (row === freshRow) table.add(this.#nameOf(index), now);
  }

  /** Takes `amount` from a subject without asking, or gives it back if it is below 0. */
  adjust(index: number, nowMs: number, amount: number): void {
    const table = this.#tables[index] as KeyTable;
    const row = this.#rows[index] as number;
    // Who has taken nothing has nothing to get back.
    if (row === noRow || (row === freshRow && amount < 0)) return;
    this.ready(index, nowMs, 0);
    const policy = this.#policies[index] as LimitPolicy;
    const at = row * policy.width;
    const now = this.#times[index] as number;
    if (amount > 0) policy.force(table.cells, at, now, amount);
    else policy.giveBack(table.cells, at, now, -amount);
    if (row === freshRow) table.add(this.#nameOf(index), now);
    else if (amount < 0) table.lowered(row);
  }

  /** Forgets what a subject has taken. */
  forget(index: number, nowMs: number): void {
    const name = this.#nameOf(index);
    const table = this.#tables[index] as KeyTable;
    table.remove(name, table.time(nowMs));
  }

  /** The state of a policy that was brought up to the moment. */
  describe(index: number, nowMs: number, cost: number): LimitState {
    const { cells } = this.#tables[index] as KeyTable;
    const policy = this.#policies[index] as LimitPolicy;
    const row = this.#rows[index] as number;
    const now = this.#times[index] as number;
    return row === noRow
      ? this.#turnedAway(policy, nowMs)
      : policy.describe(cells, row * policy.width, now, cost);
  }

  /** What a subject is called in its table, and so whose state it shares. Finds out what decides for it. */
  #nameOf(index: number): string {
    const subject = this.#subjects[index] as string;
    const own = this.own[index] as KeyTable;
    if (own.policy.of === undefined) return subject;
    const policy = own.policy.of(subject);
    this.#policies[index] = policy;
    // Times of another resolution are kept apart.
    this.#tables[index] =
      policy.unitsPerMs === own.policy.unitsPerMs
        ? own
        : this.#store.tableOfVariants(
            this.#bound[index] as BoundPolicy,
            policy,
            this.#clock,
          );
    return JSON.stringify([policy.identity, subject]);
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
