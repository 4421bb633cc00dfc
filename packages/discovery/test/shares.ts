import type { Balancer, PickRequest } from "../src/balancers/balancer.ts";

/** How often each id came in so many picks, each settled at once. */
export const countPicks = (
  balancer: Balancer,
  picks: number,
  request?: PickRequest,
): Map<string, number> => {
  const counts = new Map<string, number>();
  for (let pick = 0; pick < picks; pick++) {
    const picked = balancer.pick(request);
    if (picked === undefined) throw new Error("nobody was picked");
    counts.set(picked.id, (counts.get(picked.id) ?? 0) + 1);
    balancer.settle(picked, { outcome: "success", latencyMs: 1 });
  }
  return counts;
};

/** Pearson's statistic of counts against expected shares of them, which sum up to 1. */
export const chiSquare = (
  counts: ReadonlyMap<string, number>,
  shares: ReadonlyMap<string, number>,
): number => {
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return [...shares].reduce((sum, [id, share]) => {
    const expected = share * total;
    return sum + ((counts.get(id) ?? 0) - expected) ** 2 / expected;
  }, 0);
};
