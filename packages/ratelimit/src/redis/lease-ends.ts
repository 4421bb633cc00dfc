import { createAlarm, type Alarm, type Clock } from "@dp/core";
import { IdleHeap } from "../stores/idle-heap.ts";
import type { Budget } from "./lease-budget.ts";

/** Looks at each budget when it is due, by one alarm for all. */
export class LeaseEnds {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #dues = new IdleHeap();
  readonly #budgets: (Budget | undefined)[] = [];
  readonly #look: (budget: Budget, nowMs: number) => void;

  /** `look` is called when a budget is due, and has to watch it anew or forget it. */
  constructor(clock: Clock, look: (budget: Budget, nowMs: number) => void) {
    this.#clock = clock;
    this.#look = look;
    this.#alarm = createAlarm(clock, () => this.#ring());
  }

  /** Has a look at the budget at `dueMs`, in place of any other time. */
  watch(budget: Budget, dueMs: number): void {
    if (budget.slot === -1) {
      budget.slot = this.#dues.add(dueMs);
      this.#budgets[budget.slot] = budget;
    } else this.#dues.move(budget.slot, dueMs);
    this.#set();
  }

  forget(budget: Budget): void {
    if (budget.slot === -1) return;
    this.#dues.remove(budget.slot);
    this.#budgets[budget.slot] = undefined;
    budget.slot = -1;
    this.#set();
  }

  #ring(): void {
    const nowMs = this.#clock.now();
    for (
      let slot = this.#dues.first();
      slot !== -1 && this.#dues.due(slot) <= nowMs;
      slot = this.#dues.first()
    )
      this.#look(this.#budgets[slot] as Budget, nowMs);
    this.#set();
  }

  #set(): void {
    const first = this.#dues.first();
    this.#alarm.set(first === -1 ? Infinity : this.#dues.due(first));
  }
}
