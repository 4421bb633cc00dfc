import { newBudget, type Budget } from "./lease-budget.ts";

/** Budgets by their subjects, in the order of use. */
export class LeaseBook {
  readonly #budgets = new Map<string, Budget>();

  get size(): number {
    return this.#budgets.size;
  }

  /** The budget of the subjects, which becomes the last used. */
  find(subjects: readonly string[]): Budget | undefined {
    const name = nameOf(subjects);
    const budget = this.#budgets.get(name);
    if (budget === undefined) return undefined;
    this.#budgets.delete(name);
    this.#budgets.set(budget.name, budget);
    return budget;
  }

  /** Opens one for subjects that have none. It holds copies, so that no subject keeps a request in memory. */
  open(subjects: readonly string[], nowMs: number): Budget {
    const copies = JSON.parse(JSON.stringify(subjects)) as string[];
    const budget = newBudget(nameOf(copies), copies, nowMs);
    this.#budgets.set(budget.name, budget);
    return budget;
  }

  remove(budget: Budget): void {
    budget.isOut = true;
    this.#budgets.delete(budget.name);
  }

  /** The least recently used. */
  oldest(): Budget | undefined {
    return this.#budgets.values().next().value;
  }
}

/** Of several as JSON, because subjects hold any character. */
const nameOf = (subjects: readonly string[]): string =>
  subjects.length === 1 ? (subjects[0] as string) : JSON.stringify(subjects);
