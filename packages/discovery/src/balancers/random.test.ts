import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import { random } from "./random.ts";

const ids = Array.from({ length: 10 }, (_, index) => `i${index}`);

const count = (picks: number, exclude?: ReadonlySet<string>) => {
  const balancer = random({ random: seededRandom(7) });
  balancer.update(candidatesOf(ids));
  const counts = new Map<string, number>();
  const pairs = new Map<string, number>();
  let last = "";
  for (let pick = 0; pick < picks; pick++) {
    const id = balancer.pick({ exclude })?.id ?? "nobody";
    counts.set(id, (counts.get(id) ?? 0) + 1);
    const pair = `${last} ${id}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    last = id;
  }
  return { counts, pairs };
};

/** Pearson's statistic against equal shares. */
const chiSquare = (counts: Map<string, number>, cells: number): number => {
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const expected = total / cells;
  const missing = (cells - counts.size) * expected;
  return [...counts.values()].reduce(
    (sum, each) => sum + (each - expected) ** 2 / expected,
    missing,
  );
};

describe("random", () => {
  it("picks each candidate with equal chance, not always the first", () => {
    const { counts } = count(100_000);
    // 99.9 % of fair draws stay below 27.9 with 9 degrees of freedom.
    expect(chiSquare(counts, 10)).toBeLessThan(27.9);
  });

  it("picks without regard to the pick before", () => {
    const { pairs } = count(100_000);
    // 99.9 % of fair draws stay below 148.2 with 99 degrees of freedom.
    expect(chiSquare(pairs, 100)).toBeLessThan(148.2);
  });

  it("picks each of those left with equal chance when some are excluded", () => {
    const exclude = new Set(["i0", "i4", "i9"]);
    const { counts } = count(70_000, exclude);
    expect([...counts.keys()].some((id) => exclude.has(id))).toBe(false);
    // 99.9 % of fair draws stay below 22.5 with 6 degrees of freedom.
    expect(chiSquare(counts, 7)).toBeLessThan(22.5);
  });
});
