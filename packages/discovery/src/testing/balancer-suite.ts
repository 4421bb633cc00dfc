import assert from "node:assert/strict";
import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import type {
  Balancer,
  BalancerOptions,
  Candidate,
  PickRequest,
} from "../balancers/balancer.ts";
import { candidatesOf, type BalancerCases } from "./balancer-case.ts";
import { loadCases } from "./load-cases.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Makes the balancer under test on the suite's clock and generator. */
export type BalancerFactory = (options: BalancerOptions) => Balancer;

export interface BalancerSuiteOptions {
  /**
   * Whether of two candidates that are alike the one with fewer requests in flight is picked; what is in flight is
   * then checked. @defaultValue false
   */
  readonly leastLoaded?: boolean | undefined;
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i${index}`);

/** Picks with ever new keys, settled at once as successes; how often each id came. */
const spread = (
  balancer: Balancer,
  picks: number,
  request: PickRequest = {},
): Map<string, number> => {
  const counts = new Map<string, number>();
  for (let index = 0; index < picks; index++) {
    const picked = balancer.pick({ ...request, key: `key-${index}` });
    assert.ok(picked !== undefined);
    counts.set(picked.id, (counts.get(picked.id) ?? 0) + 1);
    balancer.settle(picked, { outcome: "success", latencyMs: 1 });
  }
  return counts;
};

const cases: BalancerCases = {
  "finds nobody among no candidates": (make) => {
    const balancer = make();
    assert.equal(balancer.pick(), undefined);
    balancer.update([]);
    assert.equal(balancer.pick({ key: "a" }), undefined);
    balancer.update(candidatesOf(["a"]));
    balancer.update([]);
    assert.equal(balancer.pick(), undefined);
  },

  "gives back the very objects of the last update": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(names(4)));
    const current = candidatesOf(names(4), 2);
    balancer.update(current);
    for (let index = 0; index < 100; index++) {
      const picked = balancer.pick({ key: `${index}` });
      assert.ok(picked !== undefined && current.includes(picked));
    }
  },

  "takes a candidate again with another weight or instance": (make) => {
    const balancer = make();
    const current = candidatesOf(names(4)).map((each) => ({ ...each }));
    balancer.update(current);
    spread(balancer, 10);
    for (const [index, each] of current.entries())
      Object.assign(each, {
        weight: index + 1,
        instance: { ...each.instance },
      });
    balancer.update(current);
    const picked = balancer.pick();
    assert.ok(picked !== undefined && current.includes(picked));
  },

  "keeps no hold of the array of an update": (make) => {
    const balancer = make();
    const given = [...candidatesOf(["a", "b"])];
    balancer.update(given);
    given.length = 0;
    given.push(...candidatesOf(["c"]));
    assert.equal(spread(balancer, 200).has("c"), false);
  },

  "goes on as if nothing was said by an update without a change": (make) => {
    const run = (again: boolean): string[] => {
      const balancer = make(7);
      const current = candidatesOf(names(5), 3);
      balancer.update(current);
      return names(300).map((key, step) => {
        if (again && step % 7 === 0) balancer.update([...current]);
        const picked = balancer.pick({ key });
        assert.ok(picked !== undefined);
        if (step % 3 > 0)
          balancer.settle(picked, { outcome: "success", latencyMs: step % 11 });
        return picked.id;
      });
    };
    assert.deepEqual(run(true), run(false));
  },

  "reads a report during the call only": (make) => {
    const run = (reuse: boolean): string[] => {
      const balancer = make(7);
      balancer.update(candidatesOf(names(5)));
      let report: { outcome: "success" | "failure"; latencyMs: number };
      return names(300).map((key, step) => {
        const picked = balancer.pick({ key });
        assert.ok(picked !== undefined);
        report = { outcome: "success", latencyMs: step % 11 };
        balancer.settle(picked, report);
        if (reuse)
          Object.assign(report, { outcome: "failure", latencyMs: 1e6 });
        return picked.id;
      });
    };
    assert.deepEqual(run(true), run(false));
  },

  "picks the only candidate every time": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(["a"]));
    assert.deepEqual(spread(balancer, 20), new Map([["a", 20]]));
  },

  "picks nobody who is excluded, and nobody when all are": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(names(5)));
    const exclude = new Set(["i0", "i3", "unknown"]);
    const counts = spread(balancer, 300, { exclude });
    assert.deepEqual([...counts.keys()].sort(), ["i1", "i2", "i4"]);
    const all = new Set(names(5));
    assert.equal(balancer.pick({ exclude: all, key: "a" }), undefined);
    assert.equal(spread(balancer, 10, { exclude: new Set() }).size > 0, true);
  },

  "reaches every candidate, none more than three times its share": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(names(10)));
    const counts = spread(balancer, 10_000);
    for (const id of names(10)) {
      const count = counts.get(id) ?? 0;
      assert.ok(count > 0 && count < 3000, `${id} came ${count} times`);
    }
  },

  "forks into one with the same options that knows nothing": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(names(3)));
    spread(balancer, 50);
    const fork = balancer.fork?.();
    if (fork === undefined) return;
    assert.equal(fork.pick({ key: "a" }), undefined);
    fork.update(candidatesOf(["x", "y"]));
    assert.deepEqual([...spread(fork, 200).keys()].sort(), ["x", "y"]);
    const counts = spread(balancer, 300);
    assert.deepEqual([...counts.keys()].sort(), names(3));
  },

  "is harmless to settle for ids that left": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(["a", "b"]));
    const picked = balancer.pick();
    assert.ok(picked !== undefined);
    balancer.update(candidatesOf(["c"]));
    balancer.settle(picked, { outcome: "failure" });
    assert.deepEqual(spread(balancer, 5), new Map([["c", 5]]));
    balancer.update(candidatesOf([picked.id, "c"]));
    assert.equal(spread(balancer, 2000).size, 2);
  },

  "reaches a newcomer": (make) => {
    const balancer = make();
    balancer.update(candidatesOf(["a", "b"]));
    spread(balancer, 100);
    balancer.update(candidatesOf(["a", "b", "new"]));
    assert.ok((spread(balancer, 2000).get("new") ?? 0) > 0);
  },

  "picks alike for the same seed": (make) => {
    const run = (): string[] => {
      const balancer = make(42);
      balancer.update(candidatesOf(names(7)));
      return names(200).map((key) => {
        const picked = balancer.pick({ key });
        assert.ok(picked !== undefined);
        if (key.endsWith("3")) balancer.settle(picked, { outcome: "failure" });
        return picked.id;
      });
    };
    assert.deepEqual(run(), run());
  },

  "picks a candidate exactly when one is left, through random changes": (
    make,
  ) => {
    for (let seed = 0; seed < 20; seed++) {
      const draw = seededRandom(seed + 1000);
      const some = (): string[] => names(6).filter(() => draw() < 0.5);
      const balancer = make(seed);
      const held: Candidate[] = [];
      let current: readonly Candidate[] = [];
      for (let step = 0; step < 300; step++) {
        const choice = draw();
        if (choice < 0.1) {
          current = candidatesOf(some(), 0.5 + draw() * 4);
          balancer.update(current);
        } else if (choice < 0.6) {
          const exclude = new Set(draw() < 0.5 ? some() : []);
          const left = current.filter(({ id }) => !exclude.has(id));
          const picked = balancer.pick({ exclude, key: `${step}` });
          assert.equal(picked !== undefined, left.length > 0, `step ${step}`);
          if (picked === undefined) continue;
          assert.ok(left.includes(picked), `step ${step}`);
          held.push(picked);
        } else {
          const [settled] = held.splice(Math.floor(draw() * held.length), 1);
          if (settled === undefined) continue;
          const outcome =
            draw() < 0.5 ? "success" : draw() < 0.5 ? "failure" : "cancelled";
          balancer.settle(settled, { outcome, latencyMs: draw() * 100 });
        }
      }
    }
  },
};

/**
 * The contract of {@link Balancer} as cases for a test runner: what holds for every way of choosing. How well it
 * spreads load is for its own tests to show.
 */
export const balancerSuite = (
  factory: BalancerFactory,
  { leastLoaded = false }: BalancerSuiteOptions = {},
): readonly SuiteCase[] =>
  Object.entries({ ...cases, ...(leastLoaded && loadCases) }).map(
    ([name, check]) => ({
      name,
      run: () =>
        new Promise((resolve) => {
          check((seed = 1) =>
            factory({ random: seededRandom(seed), clock: new ManualClock() }),
          );
          resolve();
        }),
    }),
  );
