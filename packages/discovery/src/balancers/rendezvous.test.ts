import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { chiSquare } from "../../test/shares.ts";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Candidate } from "./balancer.ts";
import { rendezvous } from "./rendezvous.ts";

const ids = Array.from({ length: 10 }, (_, index) => `10.0.0.${index}:80`);

/** Who gets a key first, second and so on. */
const orderOf = (candidates: readonly Candidate[], key: string): string[] => {
  const balancer = rendezvous();
  balancer.update(candidates);
  const exclude = new Set<string>();
  for (
    let picked = balancer.pick({ key });
    picked !== undefined;
    picked = balancer.pick({ key, exclude })
  )
    exclude.add(picked.id);
  return [...exclude];
};

describe("rendezvous", () => {
  it("puts all instances in an order for each key, of which an exclusion takes one out and no more", () => {
    for (let key = 0; key < 100; key++) {
      const order = orderOf(candidatesOf(ids), `${key}`);
      expect([...order].sort()).toEqual(ids);
      const without = orderOf(
        candidatesOf(ids.filter((id) => id !== order[3])),
        `${key}`,
      );
      expect(without).toEqual(order.filter((id) => id !== order[3]));
    }
  });

  it("makes every order of three equally likely", () => {
    const counts = new Map<string, number>();
    for (let key = 0; key < 6000; key++) {
      const order = orderOf(candidatesOf(["a", "b", "c"]), `user-${key}`).join(
        "",
      );
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const shares = new Map(
      ["abc", "acb", "bac", "bca", "cab", "cba"].map((order) => [order, 1 / 6]),
    );
    // 99.9 % of fair draws stay below 20.5 with 5 degrees of freedom.
    expect(chiSquare(counts, shares)).toBeLessThan(20.5);
  });

  it("gives the same with equal weights of any size as with weight 1", () => {
    const [some, others] = [rendezvous(), rendezvous()];
    some.update(candidatesOf(ids));
    others.update([...candidatesOf(ids, 3), ...candidatesOf(["other"], 1e-12)]);
    for (let key = 0; key < 1000; key++)
      expect(others.pick({ key: `${key}` })?.id).toBe(
        some.pick({ key: `${key}` })?.id,
      );
  });

  it("draws a key by chance without one, by weight", () => {
    const balancer = rendezvous({ random: seededRandom(1) });
    balancer.update([...candidatesOf(["a"], 3), ...candidatesOf(["b"], 1)]);
    const counts = new Map<string, number>();
    for (let pick = 0; pick < 20_000; pick++) {
      const { id } = balancer.pick()!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    // 99.9 % of fair draws stay below 10.8 with 1 degree of freedom.
    expect(
      chiSquare(
        counts,
        new Map([
          ["a", 0.75],
          ["b", 0.25],
        ]),
      ),
    ).toBeLessThan(10.8);
  });
});
