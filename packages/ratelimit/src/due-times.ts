import { createAlarm, type Alarm, type Clock } from "@dp/core";
import { IdleHeap } from "./stores/idle-heap.ts";

/** What something is watched by: its place among the times. -1: it is not watched. */
export interface Watched {
  slot: number;
}

/** Looks at each thing when it is due, by one alarm for all. O(log n) a change. */
export class DueTimes<T extends Watched> {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #dues = new IdleHeap();
  readonly #watched: (T | undefined)[] = [];
  readonly #look: (due: T, nowMs: number) => void;

  /** `look` is called with what is due, which is watched no more then. */
  constructor(clock: Clock, look: (due: T, nowMs: number) => void) {
    this.#clock = clock;
    this.#look = look;
    this.#alarm = createAlarm(clock, () => this.#ring());
  }

  /** Has a look at it at `dueMs`, in place of any other time. */
  watch(one: T, dueMs: number): void {
    if (one.slot === -1) {
      one.slot = this.#dues.add(dueMs);
      this.#watched[one.slot] = one;
    } else this.#dues.move(one.slot, dueMs);
    this.#set();
  }

  forget(one: T): void {
    if (one.slot === -1) return;
    this.#remove(one);
    this.#set();
  }

  #remove(one: T): void {
    this.#dues.remove(one.slot);
    this.#watched[one.slot] = undefined;
    one.slot = -1;
  }

  #ring(): void {
    const nowMs = this.#clock.now();
    for (
      let slot = this.#dues.first();
      slot !== -1 && this.#dues.due(slot) <= nowMs;
      slot = this.#dues.first()
    ) {
      const due = this.#watched[slot] as T;
      this.#remove(due);
      this.#look(due, nowMs);
    }
    this.#set();
  }

  #set(): void {
    const first = this.#dues.first();
    this.#alarm.set(first === -1 ? Infinity : this.#dues.due(first));
  }
}
