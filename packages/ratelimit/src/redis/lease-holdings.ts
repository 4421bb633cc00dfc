import type { Budget } from "./lease-budget.ts";

/** Which budgets hold units of which subjects, so that no subject has more of them leased here than is allowed. */
export class LeaseHoldings {
  /** By policy, then by subject. */
  readonly #holders: readonly Map<string, Set<Budget>>[];

  constructor(policies: number) {
    this.#holders = Array.from({ length: policies }, () => new Map());
  }

  /** The most units that any of the subjects has out, asked for or not spent. Each holder has at least one. */
  held(subjects: readonly string[]): number {
    let most = 0;
    for (const [index, holders] of this.#holders.entries()) {
      let sum = 0;
      for (const { rest, asked } of holders.get(subjects[index] as string) ??
        [])
        sum += rest + asked;
      most = Math.max(most, sum);
    }
    return most;
  }

  /** The budgets that hold units of any of the subjects. */
  sharing(subjects: readonly string[]): ReadonlySet<Budget> {
    const found = new Set<Budget>();
    for (const [index, holders] of this.#holders.entries())
      for (const budget of holders.get(subjects[index] as string) ?? [])
        found.add(budget);
    return found;
  }

  /** To be called when a budget has begun to hold units, or holds none any more. */
  update(budget: Budget): void {
    const holds = budget.rest + budget.asked > 0;
    for (const [index, holders] of this.#holders.entries()) {
      const subject = budget.subjects[index] as string;
      const set = holders.get(subject);
      if (holds) {
        if (set === undefined) holders.set(subject, new Set([budget]));
        else set.add(budget);
      } else if (set?.delete(budget) === true && set.size === 0)
        holders.delete(subject);
    }
  }
}
