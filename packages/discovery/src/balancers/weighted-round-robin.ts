import { systemRandom } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";

/** Additions spent at most on going to a start drawn by chance: some milliseconds, once. */
const maxStartWork = 2 ** 20;

/** Picks until the sequence repeats. Euclid's remainders are exact for fractions too. */
const periodOf = (weights: readonly number[], total: number): number => {
  let divisor = 0;
  for (const weight of weights) {
    let rest = weight;
    while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  }
  return Math.round(total / divisor);
};

/**
 * The candidates in turn, each as often as its weight says and its turns as far apart as they can be: weights 5, 1, 1
 * give `a a b a c a a`.
 *
 * Even in requests, not in work: a slow instance gets as many as a fast one. The start is drawn by chance, so that
 * many clients do not begin alike. A change keeps what each candidate that stays is owed; newcomers are owed nothing
 * yet. Who is excluded waits without being owed more. O(n) a pick, some additions for each.
 *
 * Source: nginx's smooth weighted round robin ("Upstream: smooth weighted round-robin balancing", 2012): each pick
 * credits every candidate with its weight and charges the one of most credit with the sum.
 */
export const weightedRoundRobin = (options: BalancerOptions = {}): Balancer => {
  const { random = systemRandom } = options;
  let candidates: readonly Candidate[] = [];
  let weights: readonly number[] = [];
  let credits: number[] = [];
  let total = 0;

  const take = (
    exclude: ReadonlySet<string> | undefined,
  ): Candidate | undefined => {
    let best = -1;
    let most = -Infinity;
    let sum = 0;
    for (let index = 0; index < weights.length; index++) {
      if (exclude?.has((candidates[index] as Candidate).id) === true) continue;
      const weight = weights[index] as number;
      const credit = (credits[index] as number) + weight;
      credits[index] = credit;
      sum += weight;
      if (credit <= most) continue;
      most = credit;
      best = index;
    }
    if (best < 0) return undefined;
    credits[best] = most - sum;
    return candidates[best];
  };

  const start = (): void => {
    const period = periodOf(weights, total);
    const picks = Math.floor(random() * period);
    if (period * weights.length <= maxStartWork)
      for (let pick = 0; pick < picks; pick++) take(undefined);
    // Too far to go there: each candidate by itself is somewhere between two of its turns.
    else credits = weights.map(() => random() * total);
  };

  return {
    fork: () => weightedRoundRobin(options),
    update(next) {
      const before = new Map(
        candidates.map(({ id }, index) => [id, credits[index] as number]),
      );
      const totalBefore = total;
      candidates = [...next];
      weights = candidates.map(({ weight }) => weight);
      total = weights.reduce((sum, weight) => sum + weight, 0);
      if (!candidates.some(({ id }) => before.has(id))) {
        credits = weights.map(() => 0);
        if (total > 0) start();
        return;
      }
      // A credit in parts of the sum of the weights is picks owed, and those stay.
      const scale = total / totalBefore;
      credits = candidates.map(({ id }) => (before.get(id) ?? 0) * scale);
    },
    pick: (request) => take(request?.exclude),
    settle: () => undefined,
  };
};
