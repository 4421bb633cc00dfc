import { seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Candidate } from "./balancer.ts";
import { leastRequest } from "./least-request.ts";

describe("leastRequest", () => {
  it("counts what is in flight: an idle candidate comes before a busy one", () => {
    const balancer = leastRequest({ random: seededRandom(1) });
    balancer.update(candidatesOf(["a", "b", "c"]));
    const held = [0, 1, 2].map(() => balancer.pick()!);
    expect(held.map(({ id }) => id).sort()).toEqual(["a", "b", "c"]);
    balancer.settle(held[1]!, { outcome: "success" });
    expect(balancer.pick()).toBe(held[1]);
  });

  it("keeps n times as many in flight on n times the weight", () => {
    const balancer = leastRequest({ random: seededRandom(1) });
    const [small] = candidatesOf(["small"], 1);
    const [large] = candidatesOf(["large"], 3);
    balancer.update([small!, large!]);
    const ids = Array.from({ length: 400 }, () => balancer.pick()?.id);
    expect(ids.filter((id) => id === "large")).toHaveLength(300);
  });

  it("breaks ties by chance", () => {
    const balancer = leastRequest({ random: seededRandom(1) });
    balancer.update(candidatesOf(["a", "b", "c", "d"]));
    const counts = new Map<string, number>();
    for (let pick = 0; pick < 8000; pick++) {
      const picked = balancer.pick()!;
      counts.set(picked.id, (counts.get(picked.id) ?? 0) + 1);
      balancer.settle(picked, { outcome: "success" });
    }
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(1850);
      expect(count).toBeLessThan(2150);
    }
  });

  it("counts a request of an id that left and came back", () => {
    const balancer = leastRequest({ random: seededRandom(1) });
    const [a, b] = candidatesOf(["a", "b"]) as [Candidate, Candidate];
    balancer.update([a]);
    const held = balancer.pick()!;
    balancer.update([b]);
    balancer.update([a, b]);
    expect(balancer.pick()).toBe(b);
    balancer.settle(held, { outcome: "cancelled" });
    expect(balancer.pick()).toBe(a);
  });

  it("always picks one of the least loaded, as a naive count finds them", () => {
    const ids = ["a", "b", "c", "d"];
    const step = fc.oneof(
      fc.record({
        do: fc.constant("update" as const),
        ids: fc.subarray(ids),
        weights: fc.array(fc.integer({ min: 1, max: 5 }), {
          minLength: 4,
          maxLength: 4,
        }),
      }),
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("pick" as const),
          exclude: fc.subarray(ids),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant("settle" as const),
          nth: fc.nat(20),
        }),
      },
    );
    const trace = fc.array(step, { maxLength: 80, size: "max" });
    fc.assert(
      fc.property(trace, fc.integer(), (steps, seed) => {
        const balancer = leastRequest({ random: seededRandom(seed) });
        let current: Candidate[] = [];
        const held: Candidate[] = [];
        const cost = ({ id, weight }: Candidate): number =>
          (held.filter((each) => each.id === id).length + 1) / weight;
        for (const each of steps) {
          if (each.do === "update") {
            current = each.ids.flatMap((id, index) =>
              candidatesOf([id], each.weights[index]),
            );
            balancer.update(current);
          } else if (each.do === "pick") {
            const left = current.filter(({ id }) => !each.exclude.includes(id));
            const least = Math.min(...left.map(cost));
            const best = left.filter((candidate) => cost(candidate) === least);
            const picked = balancer.pick({ exclude: new Set(each.exclude) });
            if (best.length === 0) expect(picked).toBeUndefined();
            else expect(best).toContain(picked);
            if (picked !== undefined) held.push(picked);
          } else {
            const [settled] = held.splice(each.nth, 1);
            if (settled !== undefined)
              balancer.settle(settled, { outcome: "success" });
          }
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
