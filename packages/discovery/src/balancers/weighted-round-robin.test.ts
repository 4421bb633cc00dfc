import { seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Balancer, Candidate } from "./balancer.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

const take = (balancer: Balancer, picks: number): string =>
  Array.from({ length: picks }, () => balancer.pick()?.id ?? "-").join("");

const weighted = (weights: Readonly<Record<string, number>>): Candidate[] =>
  Object.entries(weights).flatMap(([id, weight]) => candidatesOf([id], weight));

/** nginx's rule as its author puts it: credit all, take the first of most, charge it with the sum. */
const naive = (weights: readonly number[], picks: number): number[] => {
  const current = weights.map(() => 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: picks }, () => {
    for (const [index, weight] of weights.entries()) current[index]! += weight;
    const best = current.indexOf(Math.max(...current));
    current[best]! -= total;
    return best;
  });
};

describe("weightedRoundRobin", () => {
  it("spreads the turns of the heavy as nginx does", () => {
    const balancer = weightedRoundRobin({ random: () => 0 });
    balancer.update(weighted({ a: 5, b: 1, c: 1 }));
    expect(take(balancer, 14)).toBe("aabacaaaabacaa");
  });

  it("starts at the pick of the period that chance draws", () => {
    const sequence = "aabacaa".repeat(2);
    for (let start = 0; start < 7; start++) {
      const balancer = weightedRoundRobin({ random: () => (start + 0.5) / 7 });
      balancer.update(weighted({ a: 5, b: 1, c: 1 }));
      expect(take(balancer, 7)).toBe(sequence.slice(start, start + 7));
    }
  });

  it("finds the period of weights that are no whole numbers", () => {
    const balancer = weightedRoundRobin({ random: () => 0.75 });
    balancer.update(weighted({ a: 0.75, b: 0.25 }));
    // The sequence is `a a b a`, and this is its last pick.
    expect(take(balancer, 5)).toBe("aaaba");
  });

  it("gives the sequence of nginx for any weights, from its start", () => {
    const list = fc.array(fc.integer({ min: 1, max: 9 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        list,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (weights, drawn) => {
          const balancer = weightedRoundRobin({ random: () => drawn });
          balancer.update(
            weights.flatMap((weight, index) =>
              candidatesOf([`${index}`], weight),
            ),
          );
          const gcd = (a: number, b: number): number =>
            b === 0 ? a : gcd(b, a % b);
          const period =
            weights.reduce((sum, each) => sum + each, 0) / weights.reduce(gcd);
          const start = Math.floor(drawn * period);
          const expected = naive(weights, start + 3 * period).slice(start);
          expect(take(balancer, 3 * period)).toBe(expected.join(""));
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("gives each its weight exactly in a period, and nearly so at every moment", () => {
    const draw = seededRandom(3);
    const ids = Array.from({ length: 20 }, (_, index) => `i${index}`);
    const candidates = ids.flatMap((id) =>
      candidatesOf([id], 0.1 + 5 * draw()),
    );
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    const balancer = weightedRoundRobin({ random: seededRandom(4) });
    balancer.update(candidates);
    const counts = new Map<string, number>();
    for (let pick = 1; pick <= 20_000; pick++) {
      const { id } = balancer.pick()!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (pick % 100 !== 0) continue;
      for (const { id, weight } of candidates)
        expect(
          Math.abs((counts.get(id) ?? 0) - (pick * weight) / total),
        ).toBeLessThan(3);
    }
  });

  it("starts anywhere, however long the period", () => {
    const random = seededRandom(5);
    const firsts = new Map<string, number>();
    const draw = seededRandom(6);
    const candidates = Array.from({ length: 50 }, (_, index) =>
      candidatesOf([`i${index}`], 1 + draw()),
    ).flat();
    for (let run = 0; run < 5000; run++) {
      const balancer = weightedRoundRobin({ random });
      balancer.update(candidates);
      const { id } = balancer.pick()!;
      firsts.set(id, (firsts.get(id) ?? 0) + 1);
    }
    expect(firsts.size).toBe(50);
    expect(Math.max(...firsts.values())).toBeLessThan(300);
  });

  it("keeps what each is owed when others come and go", () => {
    const balancer = weightedRoundRobin({ random: () => 0 });
    balancer.update(weighted({ a: 1, b: 1, c: 1 }));
    expect(take(balancer, 1)).toBe("a");
    balancer.update(weighted({ c: 1, a: 1, b: 1 }));
    expect(take(balancer, 1)).toBe("c");
    balancer.update(weighted({ a: 1, b: 1 }));
    expect(take(balancer, 3)).toBe("bab");
  });

  it("keeps what each is owed when all weights change alike", () => {
    const balancer = weightedRoundRobin({ random: () => 0 });
    balancer.update(weighted({ a: 5, b: 1, c: 1 }));
    expect(take(balancer, 3)).toBe("aab");
    balancer.update(weighted({ a: 50, b: 10, c: 10 }));
    expect(take(balancer, 4)).toBe("acaa");
    balancer.update(weighted({ a: 0.5, b: 0.1, c: 0.1 }));
    expect(take(balancer, 7)).toBe("aabacaa");
  });

  it("neither starves a newcomer nor runs to it, after however many changes", () => {
    const balancer = weightedRoundRobin({ random: seededRandom(1) });
    let ids = ["a", "b", "c", "d"];
    balancer.update(candidatesOf(ids));
    for (let change = 0; change < 500; change++) {
      // Who was just served is what an ejection takes away.
      const { id } = balancer.pick()!;
      ids = [...ids.filter((each) => each !== id), `new-${change}`];
      balancer.update(candidatesOf(ids));
    }
    const served = Array.from({ length: 8 }, () => balancer.pick()!.id);
    for (const id of ids) {
      const times = served.filter((each) => each === id).length;
      expect(times).toBeGreaterThanOrEqual(1);
      expect(times).toBeLessThanOrEqual(3);
    }
  });

  it("owes nothing to who is excluded, and keeps to the weights of the rest", () => {
    const balancer = weightedRoundRobin({ random: () => 0 });
    balancer.update(weighted({ a: 2, b: 1, c: 1 }));
    const exclude = new Set(["a"]);
    const ids = Array.from(
      { length: 100 },
      () => balancer.pick({ exclude })!.id,
    );
    expect(ids.filter((id) => id === "b")).toHaveLength(50);
    expect(Array.from(take(balancer, 8)).sort().join("")).toBe("aaaabbcc");
  });
});
