import type { Candidate } from "./balancer.ts";

/**
 * The candidates of the last update in order of id (UTF-16 code units), and whether a table made of them still holds:
 * what a hash balancer finds must not depend on the order in which a registry lists them.
 */
export class SortedCandidates {
  candidates: readonly Candidate[] = [];
  ids: readonly string[] = [];
  weights: readonly number[] = [];
  /** Ids as they came, and where each sorted one stood among them. */
  #arrived: readonly string[] = [];
  #order: readonly number[] = [];

  /** Whether an id or a weight is another than before. O(n), and O(n log n) when ids came in another order. */
  update(next: readonly Candidate[]): boolean {
    const arrived = next.map(({ id }) => id);
    const isSameOrder = sameItems(arrived, this.#arrived);
    if (!isSameOrder) {
      this.#arrived = arrived;
      this.#order = arrived
        .map((_, index) => index)
        .sort((a, b) =>
          (arrived[a] as string) < (arrived[b] as string) ? -1 : 1,
        );
    }
    this.candidates = this.#order.map((index) => next[index] as Candidate);
    const weights = this.candidates.map(({ weight }) => weight);
    const ids = isSameOrder ? this.ids : this.candidates.map(({ id }) => id);
    const changed =
      !sameItems(weights, this.weights) || !sameItems(ids, this.ids);
    this.weights = weights;
    this.ids = ids;
    return changed;
  }

  /** The first that is not excluded. */
  firstLeft(exclude: ReadonlySet<string>): Candidate | undefined {
    return this.candidates.find(({ id }) => !exclude.has(id));
  }
}

const sameItems = <T>(some: readonly T[], others: readonly T[]): boolean => {
  if (some === others) return true;
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++)
    if (some[index] !== others[index]) return false;
  return true;
};
