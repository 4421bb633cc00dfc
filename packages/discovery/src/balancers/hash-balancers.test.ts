import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";
import { boundedLoad } from "./bounded-load.ts";
import { maglev } from "./maglev.ts";
import { rendezvous } from "./rendezvous.ts";
import { ringHash } from "./ring-hash.ts";

interface Kind {
  readonly factory: (options?: BalancerOptions) => Balancer;
  /** Share of keys that may move besides those that must. */
  readonly slack: number;
  /** How far the share of keys may be from that of weight. */
  readonly spread: number;
}

const kinds: Readonly<Record<string, Kind>> = {
  ringHash: { factory: ringHash, slack: 0, spread: 0.2 },
  "ringHash of many points": {
    factory: (options) => ringHash({ ...options, points: 2000 }),
    slack: 0,
    spread: 0.1,
  },
  maglev: { factory: maglev, slack: 0.01, spread: 0.06 },
  rendezvous: { factory: rendezvous, slack: 0, spread: 0.06 },
  "boundedLoad of an idle rendezvous": {
    factory: (options) => boundedLoad(rendezvous(options), options),
    slack: 0,
    spread: 0.06,
  },
};

const ids = Array.from({ length: 10 }, (_, index) => `10.0.0.${index}:80`);
const keys = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);

const assign = (balancer: Balancer, exclude?: ReadonlySet<string>): string[] =>
  keys.map((key) => {
    const picked = balancer.pick({ key, exclude })!;
    balancer.settle(picked, { outcome: "success" });
    return picked.id;
  });

for (const [name, { factory, slack, spread }] of Object.entries(kinds)) {
  const assigned = (candidates: readonly Candidate[]): string[] => {
    const balancer = factory();
    balancer.update(candidates);
    return assign(balancer);
  };

  describe(`${name} as a balancer of keys`, () => {
    it("gives a key the same instance in every client, in whatever order it lists them", () => {
      const shuffled = [3, 9, 0, 5, 7, 1, 8, 2, 6, 4].map(
        (index) => ids[index]!,
      );
      expect(assigned(candidatesOf(shuffled))).toEqual(
        assigned(candidatesOf(ids)),
      );
    });

    it("gives a key the same instance whatever changes there were before", () => {
      const balancer = factory();
      balancer.update(candidatesOf(["x", ...ids], 2));
      assign(balancer);
      balancer.update(candidatesOf(ids.slice(4)));
      balancer.update(candidatesOf(ids));
      expect(assign(balancer)).toEqual(assigned(candidatesOf(ids)));
    });

    it("moves little but the keys of one that leaves, or to one that joins", () => {
      const before = assigned(candidatesOf(ids));
      const after = assigned(candidatesOf(ids.slice(1)));
      const moved = before.filter(
        (id, key) => id !== ids[0] && id !== after[key],
      );
      expect(moved.length).toBeLessThanOrEqual(slack * keys.length);
      const heirs = new Set(after.filter((_, key) => before[key] === ids[0]));
      expect([...heirs].sort()).toEqual(ids.slice(1));
    });

    it("moves little but the keys that one of more weight takes", () => {
      const weighted = (weight: number) => [
        ...candidatesOf(ids.slice(1)),
        ...candidatesOf([ids[0]!], weight),
      ];
      const before = assigned(weighted(0.5));
      const after = assigned(weighted(1));
      const moved = before.filter(
        (id, key) => id !== after[key] && after[key] !== ids[0],
      );
      expect(moved.length).toBeLessThanOrEqual(4 * slack * keys.length);
      expect(after.filter((id) => id === ids[0]).length).toBeGreaterThan(
        before.filter((id) => id === ids[0]).length,
      );
    });

    it("spreads keys in proportion to weight", () => {
      const weights = ids.map((_, index) => 1 + (index % 3));
      const total = weights.reduce((sum, each) => sum + each, 0);
      const given = assigned(
        ids.flatMap((id, index) => candidatesOf([id], weights[index])),
      );
      for (const [index, id] of ids.entries()) {
        const share = given.filter((each) => each === id).length / keys.length;
        expect(Math.abs((share * total) / weights[index]! - 1)).toBeLessThan(
          spread,
        );
      }
    });

    it("sends the keys of an excluded instance on, each always to the same other", () => {
      const balancer = factory();
      balancer.update(candidatesOf(ids));
      const before = assign(balancer);
      const exclude = new Set([ids[2]!, ids[7]!]);
      const after = assign(balancer, exclude);
      expect(assign(balancer, exclude)).toEqual(after);
      for (const [key, id] of before.entries())
        if (!exclude.has(id)) expect(after[key]).toBe(id);
    });
  });
}
