import { seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquare, countPicks } from "../../test/shares.ts";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Candidate } from "./balancer.ts";
import { weightedRandom } from "./weighted-random.ts";

const weights: Record<string, number> = { a: 5, b: 1, c: 0.5, d: 3.5 };

const weighted = (ids: readonly string[]): Candidate[] =>
  ids.flatMap((id) => candidatesOf([id], weights[id]));

const sharesOf = (candidates: readonly Candidate[]): Map<string, number> => {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(candidates.map(({ id, weight }) => [id, weight / total]));
};

describe("weightedRandom", () => {
  it("picks each candidate with a chance in proportion to its weight", () => {
    const balancer = weightedRandom({ random: seededRandom(1) });
    const all = weighted(["a", "b", "c", "d"]);
    balancer.update(all);
    const counts = countPicks(balancer, 100_000);
    // 99.9 % of fair draws stay below 16.3 with 3 degrees of freedom.
    expect(chiSquare(counts, sharesOf(all))).toBeLessThan(16.3);
  });

  it("keeps to the weights of those left when some are excluded, light or heavy", () => {
    for (const excluded of [["c"], ["a"], ["a", "d"]]) {
      const balancer = weightedRandom({ random: seededRandom(2) });
      const all = weighted(["a", "b", "c", "d"]);
      balancer.update(all);
      const left = all.filter(({ id }) => !excluded.includes(id));
      const counts = countPicks(balancer, 50_000, {
        exclude: new Set(excluded),
      });
      expect([...counts.keys()].sort()).toEqual(left.map(({ id }) => id));
      // 99.9 % of fair draws stay below 13.8 with 2 degrees of freedom.
      expect(chiSquare(counts, sharesOf(left))).toBeLessThan(13.8);
    }
  });

  it("gives the number between two parts of the line to the second", () => {
    const balancer = weightedRandom({ random: () => 0.5 });
    balancer.update(candidatesOf(["a", "b"]));
    expect(balancer.pick()?.id).toBe("b");
  });

  it("takes one number a pick: the candidate in whose part of the line it falls", () => {
    const list = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    const chance = fc.double({
      min: 0,
      max: 1,
      maxExcluded: true,
      noNaN: true,
    });
    fc.assert(
      fc.property(list, chance, (given, drawn) => {
        const balancer = weightedRandom({ random: () => drawn });
        const candidates = given.flatMap((weight, index) =>
          candidatesOf([`i${index}`], weight),
        );
        balancer.update(candidates);
        let sum = 0;
        const total = given.reduce((all, each) => all + each, 0);
        const naive = candidates.find(({ weight }) => {
          sum += weight;
          return drawn * total < sum;
        });
        expect(balancer.pick()).toBe(naive ?? candidates.at(-1));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
