import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { deleteOf, instanceOf, putOf } from "../../test/scripted-registry.ts";
import {
  checkBy,
  counted,
  instancesOf,
  shareOf,
  viewOf,
} from "../../test/view-of.ts";
import type { Balancer, Candidate } from "../balancers/balancer.ts";
import { leastRequest } from "../balancers/least-request.ts";
import { powerOfTwo } from "../balancers/power-of-two.ts";
import { random as randomBalancer } from "../balancers/random.ts";
import { roundRobin } from "../balancers/round-robin.ts";
import { xxhash32 } from "../xxhash32.ts";

const near = instancesOf("near", 4);
const far = instancesOf("far", 6, { priority: 1 });
const both = [...far, ...near];
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const seeded = () => ({ random: seededRandom(7) });

const forking = (): Balancer => ({ ...roundRobin(seeded()), fork: forking });
/** Picks the candidate with the chance that its weight has. */
const weighted = (): Balancer => {
  const draw = seededRandom(3);
  let from: readonly Candidate[] = [];
  return {
    update: (candidates) => void (from = candidates),
    pick: (request) => {
      const left = from.filter(({ id }) => request?.exclude?.has(id) !== true);
      let point = draw() * left.reduce((sum, { weight }) => sum + weight, 0);
      return left.find(({ weight }) => (point -= weight) < 0);
    },
    settle: () => undefined,
    fork: weighted,
  };
};

describe("the tier of a lower priority number", () => {
  it("has all the traffic while five of seven are healthy", async () => {
    const sick = new Set(["near0"]);
    const health = checkBy(sick);
    const { view } = await viewOf(both, { health });
    expect([...counted(view, 300).keys()].sort()).toEqual(
      ["near1", "near2", "near3"].sort(),
    );
    expect(view.explain().text).toBe(
      "web: 3 of 10 instances may be picked; priority 0: 100 %",
    );
  });

  it("costs no draw and no second balancer while it carries everything", async () => {
    let draws = 0;
    let forks = 0;
    const updates: number[] = [];
    const inner = roundRobin(seeded());
    const balancer: Balancer = {
      ...inner,
      update: (candidates) => {
        updates.push(candidates.length);
        inner.update(candidates);
      },
      fork: () => {
        forks++;
        return roundRobin(seeded());
      },
    };
    const random = () => {
      draws++;
      return 0;
    };
    const { view } = await viewOf(near, { balancer, random });
    counted(view, 100);
    expect({ draws, forks, updates }).toEqual({
      draws: 0,
      forks: 0,
      updates: [4],
    });
  });

  it("costs nothing for however many priorities records have", async () => {
    let forks = 0;
    const balancer = {
      ...roundRobin(),
      fork: () => {
        forks++;
        return roundRobin();
      },
    };
    const instances = instancesOf("i", 100).map((instance, priority) => ({
      ...instance,
      priority,
    }));
    const { view } = await viewOf(instances, { balancer });
    view.pick().success();
    expect(forks).toBe(0);
    const loads = [...view.metrics()].find(
      ({ name }) => name === "dp_discovery_tier_load",
    );
    expect([...(loads?.samples ?? [])]).toHaveLength(16);
    expect(view.pick({ exclude: new Set(["i0", "i1"]) }).instance.id).toBe(
      "i2",
    );
    expect(forks).toBeGreaterThan(0);
  });

  it("gets picks again as soon as it is back", async () => {
    const sick = new Set(names("near", 4));
    const { clock, view } = await viewOf(both, { health: checkBy(sick) });
    expect(shareOf(counted(view, 100), "far")).toBe(1);
    sick.clear();
    await clock.advance(1000);
    expect(shareOf(counted(view, 100), "near")).toBe(1);
  });

  it("does not count those who have no health result while others are ready", async () => {
    const slow = new Set(names("near", 4));
    const health = checkBy(new Set(), slow);
    const { view } = await viewOf(both, { health });
    expect(shareOf(counted(view, 100), "far")).toBe(1);
    const all = checkBy(new Set(), new Set([...slow, ...names("far", 6)]));
    const { view: young } = await viewOf(both, { health: all });
    expect(shareOf(counted(young, 100), "near")).toBe(1);
  });
});

describe("load split between tiers", () => {
  // Two of four healthy carry 1.4 * 50 %.
  const sick = new Set(["near0", "near1"]);

  it.each([
    ["powerOfTwo", () => powerOfTwo(seeded())],
    ["leastRequest", () => leastRequest(seeded())],
    ["roundRobin", () => roundRobin(seeded())],
    ["random", () => randomBalancer(seeded())],
    ["one that forks", forking],
    ["a weighted one", weighted],
  ])("is as the formula says with %s", async (_name, make) => {
    const health = checkBy(sick);
    const { view } = await viewOf(both, { health, balancer: make() });
    const counts = counted(view, 10_000);
    // Five standard deviations of 10,000 draws.
    expect(Math.abs(shareOf(counts, "near") - 0.7)).toBeLessThan(0.023);
    expect(counts.size).toBe(2 + 6);
    const far = names("far", 6).map((id) => counts.get(id) ?? 0);
    expect(Math.min(...far) / Math.max(...far)).toBeGreaterThan(0.75);
  });

  it("is as the formula says whatever the weights and numbers in the tiers are", async () => {
    const heavy = instancesOf("far", 1, { priority: 1, weight: 100 });
    const { view } = await viewOf([...near, ...heavy], {
      health: checkBy(sick),
    });
    const share = shareOf(counted(view, 10_000), "far");
    expect(Math.abs(share - 0.3)).toBeLessThan(0.023);
  });

  it("is exact in turn within each tier when the balancer can fork", async () => {
    const { view } = await viewOf(both, {
      health: checkBy(sick),
      balancer: forking(),
    });
    const counts = counted(view, 1000);
    for (const prefix of ["near", "far"]) {
      const those = [...counts].filter(([id]) => id.startsWith(prefix));
      const numbers = those.map(([, count]) => count);
      expect(Math.max(...numbers) - Math.min(...numbers)).toBeLessThan(2);
    }
  });

  it("keeps a key in its tier", async () => {
    const { view } = await viewOf(both, { health: checkBy(sick) });
    const tierOf = (key: string): string => {
      using lease = view.pick({ key });
      return lease.instance.id.slice(0, 3);
    };
    const keys = names("user-", 3000);
    const first = keys.map(tierOf);
    expect(keys.map(tierOf)).toEqual(first);
    const share = first.filter((each) => each === "nea").length / 3000;
    expect(Math.abs(share - 0.7)).toBeLessThan(0.05);
    // Within the tier a balancer may hash the same keys: it must not find them all on one part of its ring.
    const nearKeys = keys.filter((_, index) => first[index] === "nea");
    const places = nearKeys.map((key) => xxhash32(key, 0) / 2 ** 32);
    expect(Math.max(...places)).toBeGreaterThan(0.95);
  });

  it("is told with what every instance gets", async () => {
    const { view } = await viewOf(both, { health: checkBy(sick) });
    const { text, tiers, instances } = view.explain();
    expect(text).toBe(
      "web: 8 of 10 instances may be picked; priority 0: 70 %, priority 1: 30 %",
    );
    expect(tiers).toMatchObject([
      { priority: 0, part: "all", panic: false, candidates: 2 },
      { priority: 1, part: "all", panic: false, candidates: 6 },
    ]);
    const why = Object.fromEntries(
      instances.map((each) => [each.id, each.why]),
    );
    expect(why).toMatchObject({
      near0: "fails its health checks",
      near2: "priority 0 gets 70 %",
      far0: "priority 1 gets 30 %",
    });
    const loads = [...view.metrics()].find(
      ({ name }) => name === "dp_discovery_tier_load",
    );
    const samples = [...(loads?.samples ?? [])];
    expect(samples.map(({ labels }) => labels["priority"])).toEqual(["0", "1"]);
    expect(samples[0]?.value).toBeCloseTo(0.7);
  });

  it("settles each lease with the balancer that picked, whatever became of the tier", async () => {
    const settled: string[] = [];
    const named = (name: string): Balancer => {
      const inner = roundRobin(seeded());
      return {
        ...inner,
        settle: ({ id }) => void settled.push(`${name} ${id}`),
        fork: () => named("fork"),
      };
    };
    const { view, tell } = await viewOf(both, {
      health: checkBy(new Set(names("near", 4))),
      balancer: named("own"),
    });
    const lease = view.pick();
    const { id } = lease.instance;
    await tell(putOf(instanceOf(id, 2, { priority: 0 })));
    counted(view, 1);
    settled.length = 0;
    lease.success();
    expect(settled).toEqual([`fork ${id}`]);
  });
});

describe("the view's own balancer", () => {
  it("serves the best tier, also when that one came later", async () => {
    const told = new Map<string, string[]>();
    const named = (name: string): Balancer => {
      const inner = roundRobin(seeded());
      return {
        ...inner,
        update: (candidates) => {
          told.set(
            name,
            candidates.map(({ id }) => id),
          );
          inner.update(candidates);
        },
        fork: () => named("fork"),
      };
    };
    const { view, tell } = await viewOf(far, { balancer: named("own") });
    counted(view, 1);
    expect(told.get("own")).toHaveLength(6);
    await tell(putOf(instanceOf("near0", 2)));
    counted(view, 1, ["near0"]);
    expect(told.get("own")).toEqual(["near0"]);
    expect(told.get("fork")).toHaveLength(6);
    await tell(deleteOf(3, "near0"));
    counted(view, 1);
    expect(told.get("own")).toHaveLength(6);
    for (const { id } of far) await tell(deleteOf(4, id));
    expect(() => view.pick()).toThrow("(empty)");
    expect(told.get("own")).toEqual([]);
  });
});

describe("a tier in a panic", () => {
  it("uses all that serve in it, the other tiers only who is healthy", async () => {
    // 1.4 * 25 % and the rest; the second tier is well enough.
    const sick = new Set(["near0", "near1", "near2", "far0"]);
    const { view } = await viewOf(both, { health: checkBy(sick) });
    expect(view.snapshot.panic).toBe(true);
    const counts = counted(view, 10_000);
    expect(Math.abs(shareOf(counts, "near") - 0.35)).toBeLessThan(0.025);
    expect(counts.has("near0")).toBe(true);
    expect(counts.has("far0")).toBe(false);
    expect(view.explain().instances).toMatchObject(
      both.map(({ id }) => (id === "far0" ? { eligible: false } : { id })),
    );
  });

  it("is none while it has no load, or panic is off", async () => {
    const sick = new Set(names("near", 4));
    const { view } = await viewOf(both, { health: checkBy(sick) });
    expect(view.snapshot.panic).toBe(false);
    const some = checkBy(new Set(["near0", "near1", "near2"]));
    const off = await viewOf(both, { health: some, panicThreshold: 0 });
    expect(off.view.snapshot.panic).toBe(false);
    expect(counted(off.view, 1000).has("near0")).toBe(false);
  });

  it("shares the load by number when all are sick everywhere", async () => {
    const sick = new Set(both.map(({ id }) => id));
    const { view } = await viewOf(both, { health: checkBy(sick) });
    const share = shareOf(counted(view, 10_000), "far");
    expect(Math.abs(share - 0.6)).toBeLessThan(0.025);
    const off = await viewOf(both, {
      health: checkBy(sick),
      panicThreshold: 0,
    });
    expect(() => off.view.pick()).toThrow("(unhealthy)");
  });
});

describe("a pick that excludes all of a tier", () => {
  const nearNames = names("near", 4);

  it.each([
    ["powerOfTwo", () => powerOfTwo(seeded())],
    ["leastRequest", () => leastRequest(seeded())],
    ["roundRobin", () => roundRobin(seeded())],
    ["random", () => randomBalancer(seeded())],
    ["a weighted one", weighted],
  ])("is served by the next tier with %s", async (_name, make) => {
    const { view, tell } = await viewOf(both, { balancer: make() });
    const counts = counted(view, 600, nearNames);
    expect([...counts.keys()].sort()).toEqual(names("far", 6));
    await tell(deleteOf(2, "far0"));
    expect(counted(view, 600, nearNames).has("far0")).toBe(false);
    expect(shareOf(counted(view, 100), "near")).toBe(1);
    const all = both.map(({ id }) => id);
    expect(() => counted(view, 1, all)).toThrow("(excluded)");
  });

  it("says so when asked", async () => {
    const { view } = await viewOf(both);
    const { text, instances } = view.explain({ exclude: new Set(nearNames) });
    expect(text).toContain("6 of 10 instances may be picked");
    expect(instances.find(({ id }) => id === "far1")).toMatchObject({
      eligible: true,
      why: "priority 1 serves, as all before it are excluded",
    });
    expect(view.explain().instances[0]).toMatchObject({
      eligible: false,
      why: "waits: another tier has all the load",
    });
  });

  it("goes to those who carry load before those who carry none", async () => {
    const third = instancesOf("third", 2, { priority: 2 });
    const { view } = await viewOf([...third, ...both], {
      health: checkBy(new Set(["near0", "near1"])),
    });
    expect(shareOf(counted(view, 200, nearNames), "far")).toBe(1);
    expect(shareOf(counted(view, 200, names("far", 6)), "near")).toBe(1);
    const counts = counted(view, 50, [...nearNames, ...names("far", 6)]);
    expect(shareOf(counts, "third")).toBe(1);
  });

  it("goes to those who are known to be well before those in a panic", async () => {
    const third = instancesOf("third", 2, { priority: 2 });
    const sick = new Set(nearNames);
    const { view } = await viewOf([...third, ...both], {
      health: checkBy(sick),
    });
    // The first tier is all sick and has no load.
    expect(shareOf(counted(view, 100), "far")).toBe(1);
    const exclude = names("far", 6);
    expect(shareOf(counted(view, 200, exclude), "third")).toBe(1);
    const { instances } = view.explain({ exclude: new Set(exclude) });
    for (const { id, eligible } of instances)
      expect(eligible).toBe(id.startsWith("third"));
    const rest = counted(view, 100, [...exclude, "third0", "third1"]);
    expect(shareOf(rest, "near")).toBe(1);
  });

  it("goes to a tier with load before one without, even in a panic", async () => {
    const third = instancesOf("third", 2, { priority: 2 });
    const sick = new Set(nearNames.slice(1));
    const { view } = await viewOf([...third, ...both], {
      health: checkBy(sick),
    });
    const rest = counted(view, 200, names("far", 6));
    expect(shareOf(rest, "near")).toBe(1);
  });

  it("is served while the tier is in a panic, too", async () => {
    const { view } = await viewOf(both, {
      health: checkBy(new Set(["near0", "near1", "near2"])),
    });
    expect(shareOf(counted(view, 200, nearNames), "far")).toBe(1);
    expect(counted(view, 500, ["near3"]).has("near0")).toBe(true);
  });

  it("leaves no one in flight", async () => {
    const { view } = await viewOf(both);
    counted(view, 50, nearNames);
    const inFlight = view.explain().instances.map((each) => each.inFlight);
    expect(inFlight).toEqual(both.map(() => 0));
  });
});
