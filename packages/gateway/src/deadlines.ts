import type { Clock } from "@dp/core";

/**
 * One thing that may take too long. Setting and clearing it costs a few writes; it sits in its wheel between uses, so
 * that a request moves no list at all.
 */
export class Deadline {
  /** When it expires, on the clock; Infinity while nothing is waited for. */
  dueMs: number = Infinity;
  readonly expire: () => void;
  /** The wheel's: when its slot is looked at, and its neighbours there. */
  visitMs: number = Infinity;
  next: Deadline | undefined = undefined;
  previous: Deadline | undefined = undefined;

  constructor(expire: () => void) {
    this.expire = expire;
  }
}

/** How late a deadline may expire, and the width of a slot. */
const slotMs = 50;
const slotCount = 512;

/**
 * A hashed timer wheel (Varghese and Lauck, 1987) for all deadlines of a gateway: one timer for any number of them.
 *
 * Entries are lazy: a later due time does not move the entry, it is looked at when its slot comes round and moved then.
 * A deadline expires up to 50 ms late and never early.
 */
export class Deadlines {
  readonly clock: Clock;
  readonly #slots: (Deadline | undefined)[] = new Array<Deadline | undefined>(
    slotCount,
  ).fill(undefined);
  #linked = 0;
  #visitedTick = 0;
  #ticking = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Makes `deadline` expire once at `dueMs` on the clock, in place of any earlier setting. */
  set(deadline: Deadline, dueMs: number): void {
    deadline.dueMs = dueMs;
    if (deadline.visitMs <= dueMs) return;
    if (deadline.visitMs !== Infinity) this.#unlink(deadline);
    if (dueMs !== Infinity) this.#link(deadline);
  }

  /** Makes `deadline` wait for nothing. It may stay in the wheel until its slot comes round. */
  clear(deadline: Deadline): void {
    deadline.dueMs = Infinity;
  }

  /** Takes `deadline` out of the wheel: nothing of it is left. */
  remove(deadline: Deadline): void {
    deadline.dueMs = Infinity;
    if (deadline.visitMs !== Infinity) this.#unlink(deadline);
  }

  #link(deadline: Deadline): void {
    if (this.#linked === 0)
      this.#visitedTick = Math.floor(this.clock.now() / slotMs);
    // Beyond one turn of the wheel the entry is looked at on the way and moved on.
    const tick = Math.min(
      Math.max(Math.ceil(deadline.dueMs / slotMs), this.#visitedTick + 1),
      this.#visitedTick + slotCount - 1,
    );
    const slot = tick % slotCount;
    const first = this.#slots[slot];
    deadline.visitMs = tick * slotMs;
    deadline.previous = undefined;
    deadline.next = first;
    if (first !== undefined) first.previous = deadline;
    this.#slots[slot] = deadline;
    this.#linked++;
    if (!this.#ticking) this.#tickLater();
  }

  #unlink(deadline: Deadline): void {
    const { next, previous } = deadline;
    if (next !== undefined) next.previous = previous;
    if (previous !== undefined) previous.next = next;
    else this.#slots[(deadline.visitMs / slotMs) % slotCount] = next;
    deadline.next = undefined;
    deadline.previous = undefined;
    deadline.visitMs = Infinity;
    this.#linked--;
  }

  #tickLater(): void {
    this.#ticking = true;
    const delayMs = (this.#visitedTick + 1) * slotMs - this.clock.now();
    this.clock.schedule(Math.max(0, delayMs), () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.clock.now();
    const nowTick = Math.floor(nowMs / slotMs);
    // After a stall longer than a turn every slot is looked at once.
    const first = Math.max(this.#visitedTick + 1, nowTick - slotCount + 1);
    const due: Deadline[] = [];
    for (let tick = first; tick <= nowTick; tick++) {
      let entry = this.#slots[tick % slotCount];
      while (entry !== undefined) {
        due.push(entry);
        entry = entry.next;
      }
    }
    for (const entry of due) this.#unlink(entry);
    this.#visitedTick = Math.max(this.#visitedTick, nowTick);
    for (const entry of due) {
      // An earlier callback of this round may have moved or cleared it.
      if (entry.visitMs !== Infinity || entry.dueMs === Infinity) continue;
      if (entry.dueMs > nowMs) {
        this.#link(entry);
      } else {
        entry.dueMs = Infinity;
        entry.expire();
      }
    }
    if (this.#linked > 0) this.#tickLater();
    else this.#ticking = false;
  }
}
