import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import { roundRobin } from "../balancers/round-robin.ts";
import { discover } from "../discover.ts";
import { healthCheck } from "../health/health-check.ts";
import type { DiscoverOptions } from "../options.ts";
import { subset } from "../subset.ts";
import { outlierDetection } from "../outlier/outlier-detection.ts";
import type { OutlierOptions } from "../outlier/outlier-options.ts";

/** A view of instances `i0`, `i1`, ... with success rates compared every ten seconds. */
const open = async (
  count: number,
  outlier: OutlierOptions = {},
  options: DiscoverOptions = {},
) => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const view = discover(registry, "web", {
    clock,
    random: () => 0,
    balancer: roundRobin({ random: () => 0 }),
    panicThreshold: 0,
    outlier: outlierDetection({
      consecutive: false,
      successRate: {},
      ...outlier,
    }),
    ...options,
  });
  const ids = Array.from({ length: count }, (_, index) => `i${index}`);
  const watch = registry.opened[0]!;
  watch.emit(syncOf(1, ...ids.map((id) => instanceOf(id))));
  await clock.advance(0);
  const only = (id: string) => ({
    exclude: new Set(ids.filter((each) => each !== id)),
  });
  /** A hundred requests to each that may be picked, of which these fail. */
  const run = (failures: Readonly<Record<string, number>>): void => {
    const able = view.explain().instances.filter(({ eligible }) => eligible);
    for (const { id } of able) {
      const leases = Array.from({ length: 100 }, () => view.pick(only(id)));
      for (const [index, lease] of leases.entries())
        if (index < (failures[id] ?? 0)) lease.failure();
        else lease.success();
    }
  };
  const ejected = (): string[] =>
    view
      .explain()
      .instances.filter(({ standing }) => standing === "ejected")
      .map(({ id }) => id);
  const ejections = (): number[] =>
    [...view.metrics()]
      .filter(({ name }) => name === "dp_discovery_ejections_total")
      .flatMap(({ samples }) => [...samples].map(({ value }) => value));
  return { clock, view, watch, only, run, ejected, ejections };
};

describe("a view that compares success rates", () => {
  it("ejects the outlier when the interval is over, and readmits it by the clock", async () => {
    const { clock, view, run, ejected, ejections } = await open(6);
    run({ i2: 30 });
    await clock.advance(9999);
    expect(ejected()).toEqual([]);
    await clock.advance(1);
    expect(ejected()).toEqual(["i2"]);
    expect(ejections()).toEqual([1]);
    expect(view.explain().instances[2]?.ejectedForMs).toBe(30_000);
    await clock.advance(29_999);
    expect(ejected()).toEqual(["i2"]);
    await clock.advance(1);
    expect(ejected()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("finds it at the next pick or report as well as when looked at", async () => {
    const byPick = await open(6);
    byPick.run({ i0: 50 });
    await byPick.clock.advance(10_000);
    for (let pick = 0; pick < 20; pick++)
      expect(byPick.view.pick().instance.id).not.toBe("i0");
    const byReport = await open(6);
    const lease = byReport.view.pick(byReport.only("i0"));
    byReport.run({ i0: 50 });
    await byReport.clock.advance(10_000);
    lease.success();
    expect(byReport.ejections()).toEqual([1]);
  });

  it("judges a late look as of the end of the interval", async () => {
    const { clock, view, run, ejected, ejections } = await open(6);
    run({ i1: 30 });
    await clock.advance(25_000);
    expect(ejected()).toEqual(["i1"]);
    expect(view.explain().instances[1]?.ejectedForMs).toBe(15_000);
    await clock.advance(15_000);
    run({ i1: 30 });
    await clock.advance(300_000);
    // Ejected and back meanwhile, as a timer would have had it.
    expect(ejected()).toEqual([]);
    expect(ejections()).toEqual([2]);
  });

  it("counts each report for the interval in which it comes", async () => {
    const { clock, run, ejected } = await open(6);
    run({ i1: 0 });
    await clock.advance(10_000);
    run({ i1: 30 });
    expect(ejected()).toEqual([]);
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i1"]);
    // Though nobody has looked since that interval was over.
    const { clock: time, view, only, ...late } = await open(6);
    const held = Array.from({ length: 50 }, () => view.pick(only("i1")));
    late.run({});
    await time.advance(10_000);
    for (const lease of held) lease.failure();
    expect(late.ejected()).toEqual([]);
  });

  it("shows the rate of the last interval", async () => {
    const { clock, view, run } = await open(2);
    run({ i1: 3 });
    const rates = () =>
      view.explain().instances.map(({ successRate }) => successRate);
    expect(rates()).toEqual([undefined, undefined]);
    await clock.advance(10_000);
    expect(rates()).toEqual([1, 0.97]);
    await clock.advance(10_000);
    expect(rates()).toEqual([undefined, undefined]);
  });

  it("ejects the worst first, and no more than the share", async () => {
    const bad = { i1: 20, i2: 40, i3: 30 };
    const mad = { deviation: "mad" } as const;
    const share = { successRate: mad, maxShare: 0.2 };
    const { clock, run, ejected, ejections } = await open(12, share);
    run(bad);
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i2", "i3"]);
    // The third is still bad, but there is no room until the others are back.
    run(bad);
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i2", "i3"]);
    expect(ejections()).toEqual([2]);
    await clock.advance(20_000);
    run(bad);
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i2", "i3"]);
  });

  it("takes its share of those the client uses, not of all there are", async () => {
    const mad = { deviation: "mad", minimumHosts: 4 } as const;
    const share = { successRate: mad, maxShare: 0.2 };
    const some = subset({ size: 6, seed: 1 });
    const { clock, view, run, ejected } = await open(30, share, {
      subset: some,
    });
    const used = view
      .explain()
      .instances.filter(({ eligible }) => eligible)
      .map(({ id }) => id);
    run({ [used[0]!]: 40, [used[1]!]: 30 });
    await clock.advance(10_000);
    expect(ejected()).toEqual([used[0]]);
  });

  it("ejects one of five that differs by more than the floor, and nobody for less", async () => {
    const { clock, run, ejected } = await open(5);
    run({ i4: 6 });
    await clock.advance(10_000);
    expect(ejected()).toEqual([]);
    run({ i4: 7 });
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i4"]);
  });

  it("ejects nobody of a service that is bad all over, and by runs of failures at most the share", async () => {
    const all = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`i${index}`, 100]),
    );
    const byRate = await open(20);
    byRate.run(all);
    await byRate.clock.advance(10_000);
    expect(byRate.ejected()).toEqual([]);
    const both = await open(20, { consecutive: 5 });
    for (let round = 0; round < 5; round++) {
      both.run(all);
      expect(both.ejected()).toHaveLength(2);
      await both.clock.advance(10_000);
      expect(both.ejected().length).toBeLessThanOrEqual(2);
    }
  });

  it("learns nothing from reports that come during an ejection", async () => {
    const { clock, view, run, only, ejected, ejections } = await open(6);
    const late = Array.from({ length: 100 }, () => view.pick(only("i1")));
    const later = Array.from({ length: 100 }, () => view.pick(only("i1")));
    run({ i1: 100 });
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i1"]);
    await clock.advance(29_500);
    for (const lease of late) lease.failure();
    expect(view.explain().instances[1]).toMatchObject({
      ejectedForMs: 500,
      failures: 0,
    });
    for (const lease of later) lease.success();
    // The interval that ends as it comes back has seen nothing of it; the next one sees what is new.
    await clock.advance(500);
    expect(ejected()).toEqual([]);
    expect(view.explain().instances[1]?.successRate).toBeUndefined();
    run({ i1: 0 });
    await clock.advance(10_000);
    expect(ejected()).toEqual([]);
    expect(ejections()).toEqual([1]);
  });

  it("leaves those who drain out of it", async () => {
    const { clock, watch, run, ejected } = await open(7);
    run({ i1: 100, i2: 0 });
    watch.emit(putOf(instanceOf("i1", 2, { state: "draining" })));
    await clock.advance(10_000);
    expect(ejected()).toEqual([]);
    watch.emit(putOf(instanceOf("i1", 3)));
    run({ i2: 100 });
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i2"]);
  });

  it("wakes a wait for ready instances when an ejection by rate ends", async () => {
    const { clock, view, run } = await open(6);
    run({ i1: 100 });
    await clock.advance(10_000);
    let done = false;
    const waiting = view.ready({ minimum: 6 }).then(() => (done = true));
    await clock.advance(29_999);
    expect(done).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(clock.pending).toBe(0);
  });

  it("panics when the unhealthy and the ejected together are too many, and picks both then", async () => {
    const sick = new Set<string>();
    const health = healthCheck.custom(
      ({ id }) =>
        sick.has(id) ? Promise.reject(new Error("sick")) : Promise.resolve(),
      { interval: 1000, rise: 1, fall: 1 },
    );
    const options = { health, panicThreshold: 0.5 };
    const { clock, view, run, ejected } = await open(6, {}, options);
    const picked = (): string[] => {
      const leases = Array.from({ length: 12 }, () => view.pick());
      return [...new Set(leases.map(({ instance }) => instance.id))].sort();
    };
    run({ i1: 50 });
    for (const id of ["i3", "i4"]) sick.add(id);
    await clock.advance(10_000);
    expect(ejected()).toEqual(["i1"]);
    expect(view.snapshot.panic).toBe(false);
    expect(picked()).toEqual(["i0", "i2", "i5"]);
    sick.add("i5");
    await clock.advance(1000);
    expect(view.snapshot.panic).toBe(true);
    expect(picked()).toEqual(["i0", "i1", "i2", "i3", "i4", "i5"]);
    // What the ejected one does in a panic is not held against it.
    for (let failure = 0; failure < 200; failure++)
      view.pick({ exclude: new Set(["i0", "i2", "i3", "i4", "i5"]) }).failure();
    await clock.advance(29_000);
    expect(view.snapshot.panic).toBe(false);
    expect(picked()).toEqual(["i0", "i1", "i2"]);
  });
});
