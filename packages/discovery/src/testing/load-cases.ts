import assert from "node:assert/strict";
import type { Candidate } from "../balancers/balancer.ts";
import { candidatesOf, type BalancerCases } from "./balancer-case.ts";

/** What balancers owe that compare what is in flight. */
export const loadCases: BalancerCases = {
  "counts one in flight for each pick, and takes one off for each settle": (
    make,
  ) => {
    const balancer = make();
    balancer.update(candidatesOf(["a", "b"]));
    const take = (picks: number): Record<string, Candidate[]> => {
      const held: Record<string, Candidate[]> = { a: [], b: [] };
      for (let index = 0; index < picks; index++) {
        const picked = balancer.pick();
        assert.ok(picked !== undefined);
        held[picked.id]?.push(picked);
      }
      return held;
    };
    const { a = [], b = [] } = take(10);
    assert.deepEqual([a.length, b.length], [5, 5]);
    for (const picked of a.slice(0, 2))
      balancer.settle(picked, { outcome: "cancelled" });
    const next = take(4);
    assert.deepEqual([next["a"]?.length, next["b"]?.length], [3, 1]);
  },
};
