import { InvalidOptionError, seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { countPicks } from "../../test/shares.ts";
import { candidatesOf } from "../testing/balancer-case.ts";
import { xxhash32 } from "../xxhash32.ts";
import { maglev } from "./maglev.ts";
import { maglevTable } from "./maglev-table.ts";

const ids = ["b", "a", "é", "C", "10", "9"];

/** A hash that counts how often it is asked. */
const counting = () => {
  const calls = { count: 0 };
  const hash = (text: string, seed: 0 | 1): number => {
    calls.count++;
    return xxhash32(text, seed);
  };
  return { calls, hash };
};

describe("maglev", () => {
  it("gives a key the node of its slot in the table of nodes sorted by code unit", () => {
    const sorted = ["10", "9", "C", "a", "b", "é"];
    const weights = sorted.map(() => 1);
    for (const size of [251, 65_537]) {
      const table = maglevTable(sorted, weights, size, xxhash32);
      const balancer = maglev({ size });
      balancer.update(candidatesOf(ids));
      for (let index = 0; index < 2000; index++) {
        const key = `user-${index}`;
        const node = table[xxhash32(key, 0) % size]!;
        expect(balancer.pick({ key })?.id).toBe(sorted[node]);
      }
    }
  });

  it("uses the hash it is given, for nodes and keys", () => {
    const hash = (text: string, seed: 0 | 1): number =>
      text === "key" ? 5 : text.charCodeAt(0) + seed;
    const balancer = maglev({ size: 7, hash });
    // a: 6, skip 3: 6 2 5 1 4 0 3. b: 0, skip 4: 0 4 1 5 2 6 3. Turns: a6 b0 a2 b4 a5 b1 a3.
    balancer.update(candidatesOf(["a", "b"]));
    expect(balancer.pick({ key: "key" })?.id).toBe("a");
    // From slot 5 on: 5 a, 6 a, 0 b.
    expect(balancer.pick({ key: "key", exclude: new Set(["a"]) })?.id).toBe(
      "b",
    );
  });

  it.each([0, 1, 4, 9, 65_536, 65_539 * 3, 2.5, NaN, 2 ** 31 - 1])(
    "refuses a size of %d, which is no prime or too large",
    (size) => {
      expect(() => maglev({ size })).toThrow(InvalidOptionError);
      expect(() => maglev({ size })).toThrow(
        /^DP_INVALID_OPTION: size must be /,
      );
    },
  );

  it.each([2, 3, 251, 655_373])("takes the prime %d", (size) => {
    const balancer = maglev({ size });
    balancer.update(candidatesOf(["a", "b"]));
    expect(balancer.pick({ key: "x" })).toBeDefined();
  });

  it("builds no table again unless an id or a weight is another", () => {
    const { calls, hash } = counting();
    const balancer = maglev({ size: 251, hash });
    balancer.update(candidatesOf(ids));
    const once = calls.count;
    const again = candidatesOf([...ids].reverse());
    balancer.update(again);
    balancer.update(candidatesOf(ids));
    balancer.update(again);
    expect(calls.count).toBe(once);
    expect(again).toContain(balancer.pick());
    balancer.update(candidatesOf(ids, 2));
    expect(calls.count).toBeGreaterThan(once);
  });

  it("draws a slot by chance without a key", () => {
    const balancer = maglev({ random: seededRandom(1) });
    balancer.update(candidatesOf(["a", "b", "c", "d"]));
    for (const count of countPicks(balancer, 8000).values()) {
      expect(count).toBeGreaterThan(1850);
      expect(count).toBeLessThan(2150);
    }
  });

  it("finds who is left when only such are that got no slot", () => {
    const balancer = maglev({ size: 2 });
    const all = candidatesOf(["a", "b", "c", "d"]);
    balancer.update(all);
    const first = balancer.pick({ key: "k" })!;
    const exclude = new Set([first.id]);
    const reached = new Set<string>(exclude);
    for (let step = 1; step < 4; step++) {
      const next = balancer.pick({ key: "k", exclude })!;
      exclude.add(next.id);
      reached.add(next.id);
    }
    expect(reached.size).toBe(4);
    expect(balancer.pick({ key: "k", exclude })).toBeUndefined();
  });

  it("finds the one left of many, however far on in the table", () => {
    const many = Array.from({ length: 3000 }, (_, index) => `i${index}`);
    const balancer = maglev();
    balancer.update(candidatesOf(many));
    const exclude = new Set(many.slice(1));
    expect(balancer.pick({ key: "k", exclude })?.id).toBe("i0");
  });
});
