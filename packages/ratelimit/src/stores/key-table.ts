import type { Clock } from "@dp/core";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { BlockList } from "./block-list.ts";
import { IdleHeap } from "./idle-heap.ts";

/** Rows that belong to no subject: the state a new subject would have, and the one shared by those without room. */
export const freshRow = 0;
export const sharedRow = 1;
const firstRow = 2;

/** A subject idle for less than this is likely to be back, and costs less if it is still known. */
const graceMs = 10_000;

/**
 * The subjects of one policy, or of variants of it that differ in their numbers only: a Map from subject to row, and one array that holds the rows.
 *
 * A row is forgotten only when its state cannot be told from that of an unknown subject, so forgetting changes no
 * answer. Rows are found for that by a heap of idle times, never by a sweep over all, and never by timers.
 */
export class KeyTable {
  readonly id: string;
  readonly policy: LimitPolicy;
  readonly clock: Clock;
  cells: Float64Array;
  forgotten = 0;
  overflowed = 0;
  readonly blocks: BlockList;
  readonly #byWall: boolean;
  readonly #rows = new Map<string, number>();
  /** By row; the subjects of free rows are empty. */
  readonly #subjects: string[] = ["", ""];
  readonly #idle = new IdleHeap();
  /** The latest time at which a subject was forgotten. */
  #forgottenAt = -Infinity;

  constructor(
    id: string,
    policy: LimitPolicy,
    clock: Clock,
    mostBlocks: number,
  ) {
    this.blocks = new BlockList(mostBlocks);
    this.id = id;
    this.policy = policy;
    this.clock = clock;
    this.#byWall = policy.time === "wall";
    this.cells = new Float64Array(16 * policy.width);
    policy.start(this.cells, sharedRow * policy.width, this.time(clock.now()));
  }

  get size(): number {
    return this.#idle.size;
  }

  /**
   * The clock's reading in the policy's units: `nowMs`, or the time of day for a policy that counts by it. Rounded, so
   * that times added up in floating point land on the unit meant.
   */
  time(nowMs: number): number {
    const readMs = this.#byWall ? this.clock.wallNow() : nowMs;
    return Math.round(readMs * this.policy.unitsPerMs);
  }

  /** The table's own time, given that `clock` read `nowMs`. */
  timeOf(clock: Clock, nowMs: number): number {
    return this.time(this.clock === clock ? nowMs : this.clock.now());
  }

  /** The row of a subject, or `freshRow` if it has none. */
  find(subject: string): number {
    return this.#rows.get(subject) ?? freshRow;
  }

  /**
   * Makes the fresh row that of a subject unknown at `now`.
   *
   * A subject forgotten at a later time (the clock has gone back since) was full at that time and not before: starting it
   * there mints nothing, however often the clock goes to and fro. Unless that time is so far off that it was wrong.
   */
  startFresh(now: number, policy: LimitPolicy): void {
    policy.start(this.cells, 0, Math.max(now, this.#forgottenAt));
    if (this.#forgottenAt > now && policy.heal(this.cells, 0, now)) {
      this.#forgottenAt = -Infinity;
      policy.start(this.cells, 0, now);
    }
  }

  /** Repairs the state in a row if it comes from a far future, and says whether it did. */
  heal(row: number, now: number, policy: LimitPolicy): boolean {
    const at = row * policy.width;
    if (!policy.heal(this.cells, at, now)) return false;
    this.lowered(row);
    return true;
  }

  /**
   * Gives a subject that has none a row of its own, a copy of the fresh one. The caller has seen to the room. Forgets
   * up to two others that have been idle for a while, so that the table holds the subjects in use and not as many as
   * there is room for.
   */
  add(subject: string, now: number): void {
    const { width } = this.policy;
    this.forgetIdle(now - graceMs * this.policy.unitsPerMs, 2, 2);
    const row = this.#idle.add(this.policy.idleAt(this.cells, 0)) + firstRow;
    if ((row + 1) * width > this.cells.length) {
      const cells = new Float64Array(this.cells.length * 2);
      cells.set(this.cells);
      this.cells = cells;
    }
    this.cells.copyWithin(row * width, 0, width);
    const own = detached(subject);
    this.#rows.set(own, row);
    this.#subjects[row] = own;
  }

  /** Refuses a subject everything until then, by the clock's `now()`, or no longer if that is past. */
  block(subject: string, untilMs: number, nowMs: number): void {
    if (untilMs <= nowMs) this.blocks.remove(subject);
    else this.blocks.add(detached(subject), untilMs, nowMs);
  }

  /** Says that a state was changed to one that is idle sooner, which the heap cannot find out by itself. */
  lowered(row: number): void {
    if (row < firstRow) return;
    const at = row * this.policy.width;
    this.#idle.move(row - firstRow, this.policy.idleAt(this.cells, at));
  }

  /** Forgets a subject whatever it has taken. */
  remove(subject: string, now: number): void {
    const row = this.#rows.get(subject);
    if (row === undefined) return;
    this.#drop(row);
    this.#forgottenAt = Math.max(this.#forgottenAt, now);
  }

  /**
   * Forgets up to `most` idle subjects, having looked at no more than `looks` of them; says how many it forgot.
   *
   * A row that turns out to be busy is put where it belongs, and can come up early again only after another charge: so
   * over time there are no more looks than charges.
   */
  forgetIdle(now: number, most: number, looks: number): number {
    let count = 0;
    for (let look = 0; look < looks && count < most; look++) {
      const slot = this.#idle.first();
      if (slot < 0 || this.#idle.due(slot) > now) break;
      const row = slot + firstRow;
      const idleAt = this.policy.idleAt(this.cells, row * this.policy.width);
      if (idleAt > now) {
        this.#idle.move(slot, idleAt);
        continue;
      }
      this.#drop(row);
      count++;
    }
    if (count > 0) {
      this.forgotten += count;
      this.#forgottenAt = Math.max(this.#forgottenAt, now);
    }
    return count;
  }

  #drop(row: number): void {
    this.#rows.delete(this.#subjects[row] as string);
    this.#subjects[row] = "";
    this.#idle.remove(row - firstRow);
  }

  /** A time before which no subject gets idle; Infinity when there is none. */
  firstIdleAt(): number {
    const slot = this.#idle.first();
    return slot < 0 ? Infinity : this.#idle.due(slot);
  }
}

/**
 * The same text in memory of its own. A substring of 13 characters or more is a view in V8, and would keep the request
 * head it was cut from alive for as long as the subject is known. Of the ways to copy a text exactly, unpaired
 * surrogates included, this is the fastest.
 */
const detached = (text: string): string =>
  text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string);
