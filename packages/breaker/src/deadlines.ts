import { createAlarm, type Alarm, type Clock } from "@dp/core";

/** Something that must not take longer. What is set here belongs to {@link Deadlines}, but for `stalledMs`, to be read. */
export abstract class Deadline {
  abstract readonly dueMs: number;
  /** How long it had when it was added. */
  abstract readonly limitMs: number;
  /** When it is looked at next. */
  lookMs = 0;
  /** Where it stands in the heap; -1: nowhere. */
  position = -1;
  /** How long the process was found standing still meanwhile, if that was long enough to matter. */
  stalledMs = 0;
  /** Called once, when it is due and has been taken out. */
  abstract expire(): void;
}

/**
 * All deadlines on one clock, with one timer for them: a binary heap by the time they are looked at next. Adding and
 * removing cost O(log n) in general and O(1) for the usual one, which is added last or alone.
 *
 * A deadline is looked at halfway and when it is due. A timer that fires late shows that the process stood still; if so
 * when a deadline is due, it gets one more turn of the event loop, in which what has arrived meanwhile is read.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #heap: Deadline[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = createAlarm(clock, () => this.#ring());
  }

  add(deadline: Deadline): void {
    const { dueMs, limitMs } = deadline;
    deadline.lookMs = limitMs === Infinity ? Infinity : dueMs - limitMs / 2;
    this.#push(deadline);
    this.#setAlarm();
  }

  remove(deadline: Deadline): void {
    const { position } = deadline;
    if (position === -1) return;
    deadline.position = -1;
    const last = this.#heap.pop() as Deadline;
    if (last !== deadline) this.#place(last, position);
    this.#setAlarm();
  }

  #setAlarm(): void {
    this.#alarm.set(this.#heap[0]?.lookMs ?? Infinity);
  }

  #ring(): void {
    const now = this.#clock.now();
    for (
      let first = this.#heap[0];
      first !== undefined && first.lookMs <= now;
      first = this.#heap[0]
    )
      this.#look(first, now);
    this.#setAlarm();
  }

  #look(deadline: Deadline, now: number): void {
    const { dueMs, limitMs, lookMs } = deadline;
    const isGrace = lookMs > dueMs;
    this.remove(deadline);
    const lateMs = now - lookMs;
    const stalls = !isGrace && lateMs >= Math.max(10, limitMs / 10);
    if (stalls) deadline.stalledMs += lateMs;
    if (now < dueMs) deadline.lookMs = dueMs;
    // Beyond `dueMs`, which says that this turn is the last.
    else if (stalls) deadline.lookMs = now + 1;
    else {
      deadline.expire();
      return;
    }
    this.#push(deadline);
  }

  #push(deadline: Deadline): void {
    this.#heap.push(deadline);
    this.#rise(deadline, this.#heap.length - 1);
  }

  /** Puts `deadline` at `position`, or where it belongs from there. */
  #place(deadline: Deadline, position: number): void {
    if (this.#rise(deadline, position) === position) this.#sink(deadline);
  }

  #rise(deadline: Deadline, position: number): number {
    const heap = this.#heap;
    while (position > 0) {
      const above = (position - 1) >> 1;
      const parent = heap[above] as Deadline;
      if (parent.lookMs <= deadline.lookMs) break;
      heap[position] = parent;
      parent.position = position;
      position = above;
    }
    heap[position] = deadline;
    deadline.position = position;
    return position;
  }

  #sink(deadline: Deadline): void {
    const heap = this.#heap;
    let { position } = deadline;
    for (;;) {
      const left = 2 * position + 1;
      const right = heap[left + 1];
      let child = heap[left];
      let at = left;
      if (child === undefined) break;
      if (right !== undefined && right.lookMs < child.lookMs) {
        child = right;
        at = left + 1;
      }
      if (child.lookMs >= deadline.lookMs) break;
      heap[position] = child;
      child.position = position;
      position = at;
    }
    heap[position] = deadline;
    deadline.position = position;
  }
}

const byClock = new WeakMap<Clock, Deadlines>();

/** The deadlines of a clock. */
export const deadlinesOf = (clock: Clock): Deadlines => {
  let found = byClock.get(clock);
  if (found === undefined) {
    found = new Deadlines(clock);
    byClock.set(clock, found);
  }
  return found;
};
