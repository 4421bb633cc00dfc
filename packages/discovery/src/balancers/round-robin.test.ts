import { seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Balancer } from "./balancer.ts";
import { roundRobin } from "./round-robin.ts";

const take = (balancer: Balancer, picks: number): string[] =>
  Array.from({ length: picks }, () => balancer.pick()?.id ?? "nobody");

describe("roundRobin", () => {
  it("reaches each of n candidates once in n picks, again and again", () => {
    const balancer = roundRobin({ random: seededRandom(1) });
    balancer.update(candidatesOf(["a", "b", "c"]));
    const first = take(balancer, 3);
    expect([...first].sort()).toEqual(["a", "b", "c"]);
    expect(take(balancer, 6)).toEqual([...first, ...first]);
  });

  it("starts at a candidate drawn by chance", () => {
    const random = seededRandom(1);
    const starts = new Map<string, number>();
    for (let run = 0; run < 3000; run++) {
      const balancer = roundRobin({ random });
      balancer.update(candidatesOf(["a", "b", "c"]));
      const [start] = take(balancer, 1);
      starts.set(start!, (starts.get(start!) ?? 0) + 1);
    }
    for (const count of starts.values()) {
      expect(count).toBeGreaterThan(900);
      expect(count).toBeLessThan(1100);
    }
  });

  it("keeps the turn when candidates come and go", () => {
    const balancer = roundRobin({ random: () => 0 });
    balancer.update(candidatesOf(["a", "b", "c", "d"]));
    expect(take(balancer, 2)).toEqual(["a", "b"]);
    balancer.update(candidatesOf(["e", "d", "c", "b", "a"]));
    expect(take(balancer, 5)).toEqual(["c", "d", "a", "b", "e"]);
    expect(take(balancer, 1)).toEqual(["c"]);
    balancer.update(candidatesOf(["a", "c", "e"]));
    expect(take(balancer, 4)).toEqual(["a", "e", "c", "a"]);
  });

  it("passes over who is excluded without losing the others' turns", () => {
    const balancer = roundRobin({ random: () => 0 });
    balancer.update(candidatesOf(["a", "b", "c"]));
    expect(balancer.pick({ exclude: new Set(["a"]) })?.id).toBe("b");
    expect(take(balancer, 2)).toEqual(["c", "a"]);
  });

  it("never serves anyone twice while somebody who stayed waits", () => {
    const subset = fc.subarray(["a", "b", "c", "d", "e", "f"], {
      minLength: 1,
    });
    const trace = fc.array(fc.record({ ids: subset, picks: fc.nat(8) }));
    fc.assert(
      fc.property(trace, fc.integer(), (steps, seed) => {
        const balancer = roundRobin({ random: seededRandom(seed) });
        /** Picks of others since a candidate that stays was served or came. */
        const served = new Map<string, string[]>();
        for (const { ids, picks } of steps) {
          balancer.update(candidatesOf(ids));
          for (const id of [...served.keys()])
            if (!ids.includes(id)) served.delete(id);
          for (const id of ids) if (!served.has(id)) served.set(id, []);
          for (const id of take(balancer, picks)) {
            for (const [waiting, others] of served)
              if (waiting !== id) others.push(id);
            served.set(id, []);
            for (const others of served.values())
              expect(new Set(others).size).toBe(others.length);
          }
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
