import { InvalidOptionError, seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Balancer, Candidate, PickRequest, Report } from "./balancer.ts";
import { boundedLoad } from "./bounded-load.ts";
import { leastRequest } from "./least-request.ts";
import { maglev } from "./maglev.ts";
import { random } from "./random.ts";
import { rendezvous } from "./rendezvous.ts";
import { ringHash } from "./ring-hash.ts";

const ids = ["a", "b", "c", "d", "e"];

/** The first of the candidates that is not excluded, as somebody's own balancer may do it; counts like a good one. */
const firstOf = (settled: Report[] = []): Balancer & { inFlight: number } => {
  let candidates: readonly Candidate[] = [];
  return {
    inFlight: 0,
    update: (next) => void (candidates = next),
    pick(request?: PickRequest) {
      // However it looks at a set.
      const exclude = [...(request?.exclude ?? [])];
      const picked = candidates.find(({ id }) => !exclude.includes(id));
      if (picked !== undefined) this.inFlight++;
      return picked;
    },
    settle(_, report) {
      this.inFlight--;
      settled.push(report);
    },
  };
};

describe("boundedLoad", () => {
  it.each([1, 0.5, NaN, Infinity, -2])("refuses a factor of %d", (factor) => {
    expect(() => boundedLoad(maglev(), { factor })).toThrow(InvalidOptionError);
    expect(() => boundedLoad(maglev(), { factor })).toThrow(
      /factor must be .* above 1/,
    );
  });

  it("gives one key to its instance up to the bound and then to the next", () => {
    const balancer = boundedLoad(firstOf(), { factor: 1.25 });
    balancer.update(candidatesOf(["a", "b", "c", "d"]));
    const picks = Array.from(
      { length: 8 },
      () => balancer.pick({ key: "k" })!.id,
    );
    // The bound is ceil(1.25 * n / 4) for the n-th: 1 1 1 2 2 2 3 3.
    expect(picks.join("")).toBe("abcabcab");
  });

  it("agrees with a naive account, and never puts anybody above the bound", () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant("update" as const),
        ids: fc.subarray(ids),
        weights: fc.array(fc.constantFrom(0.5, 1, 2, 5), {
          minLength: 5,
          maxLength: 5,
        }),
      }),
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("pick" as const),
          exclude: fc.subarray(ids, { maxLength: 2 }),
          key: fc.constantFrom("hot", "warm", "cold"),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("settle" as const),
          nth: fc.nat(30),
        }),
      },
    );
    const trace = fc.array(step, { maxLength: 100, size: "max" });
    const inner = fc.constantFrom(firstOf, maglevOfFew, rendezvous, ringHash);
    fc.assert(
      fc.property(
        trace,
        inner,
        fc.constantFrom(1.01, 1.25, 2),
        (steps, make, factor) => {
          const balancer = boundedLoad(make(), { factor });
          const preferring = make();
          let current: Candidate[] = [];
          const held: Candidate[] = [];
          const load = (id: string): number =>
            held.filter((each) => each.id === id).length;
          for (const each of steps) {
            if (each.do === "update") {
              current = each.ids.flatMap((id, index) =>
                candidatesOf([id], each.weights[index]),
              );
              balancer.update(current);
              preferring.update(current);
            } else if (each.do === "settle") {
              const [settled] = held.splice(each.nth, 1);
              if (settled !== undefined)
                balancer.settle(settled, { outcome: "success" });
            } else {
              const sum = current.reduce((all, { weight }) => all + weight, 0);
              const total = current.reduce((all, { id }) => all + load(id), 0);
              const tried = new Set(each.exclude);
              const order: Candidate[] = [];
              for (
                let next = preferring.pick({ key: each.key, exclude: tried });
                next !== undefined;
                next = preferring.pick({ key: each.key, exclude: tried })
              ) {
                order.push(next);
                tried.add(next.id);
              }
              const free = order.find(
                ({ id, weight }) =>
                  load(id) < Math.ceil((factor * (total + 1) * weight) / sum),
              );
              if (each.exclude.length === 0 && order.length > 0)
                expect(free).toBeDefined();
              const picked = balancer.pick({
                key: each.key,
                exclude: new Set(each.exclude),
              });
              expect(picked).toBe(free ?? order[0]);
              if (picked !== undefined) held.push(picked);
            }
          }
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("spills little and evens much: 10 000 keys on 100 instances", () => {
    const figures = (factor: number) => {
      const bounded = boundedLoad(ringHash({ points: 100 }), { factor });
      const free = ringHash({ points: 100 });
      const nodes = candidatesOf(
        Array.from({ length: 100 }, (_, index) => `node-${index}`),
      );
      bounded.update(nodes);
      free.update(nodes);
      const counts = new Map<string, number>();
      let spilled = 0;
      for (let index = 0; index < 10_000; index++) {
        const key = `key-${index}`;
        const { id } = bounded.pick({ key })!;
        counts.set(id, (counts.get(id) ?? 0) + 1);
        if (id !== free.pick({ key })!.id) spilled++;
      }
      return { most: Math.max(...counts.values()), spilled: spilled / 10_000 };
    };
    // Without a bound the greatest has about 130.
    expect(figures(1.1).most).toBe(110);
    expect(figures(1.25).most).toBeLessThanOrEqual(125);
    // All are placed one by one, so the early ones meet a bound of 1 and 2.
    expect(figures(1.1).spilled).toBeLessThan(0.1);
    expect(figures(1.25).spilled).toBeLessThan(0.05);
    expect(figures(3).spilled).toBeLessThan(0.01);
  });

  it("settles with the other balancer just what it picked there", () => {
    const settled: Report[] = [];
    const inner = firstOf(settled);
    const balancer = boundedLoad(inner);
    balancer.update(candidatesOf(ids));
    const held = Array.from({ length: 10 }, () => balancer.pick()!);
    expect(inner.inFlight).toBe(10);
    expect(settled.every(({ outcome }) => outcome === "cancelled")).toBe(true);
    const spilled = settled.length;
    for (const each of held)
      balancer.settle(each, { outcome: "failure", latencyMs: 3 });
    expect(inner.inFlight).toBe(0);
    expect(settled.slice(spilled)).toEqual(
      held.map(() => ({ outcome: "failure", latencyMs: 3 })),
    );
  });

  it("does not count what is in flight to instances that left, until they come back", () => {
    const balancer = boundedLoad(firstOf());
    const [a, b] = candidatesOf(["a", "b"]) as [Candidate, Candidate];
    balancer.update([a]);
    const held = Array.from({ length: 8 }, () => balancer.pick()!);
    balancer.update([b]);
    balancer.pick();
    balancer.update([a, b]);
    // Nine in flight, ten to be: no more than ceil(1.25 * 10 / 2) = 7 on a.
    expect(balancer.pick()).toBe(b);
    for (const each of held) balancer.settle(each, { outcome: "success" });
    expect(balancer.pick()).toBe(a);
  });

  it("keeps every other balancer to the bound too", () => {
    const options = { random: seededRandom(1) };
    for (const inner of [random(options), leastRequest(options)]) {
      const balancer = boundedLoad(inner);
      balancer.update(candidatesOf(ids));
      const counts = new Map<string, number>();
      for (let pick = 1; pick <= 200; pick++) {
        const { id } = balancer.pick()!;
        counts.set(id, (counts.get(id) ?? 0) + 1);
        expect(Math.max(...counts.values())).toBeLessThanOrEqual(
          Math.ceil((1.25 * pick) / 5),
        );
      }
    }
  });
});

const maglevOfFew = (): Balancer => maglev({ size: 101 });
