import { seededRandom, type Random } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  deleteOf,
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import type { Balancer } from "../balancers/balancer.ts";
import { boundedLoad } from "../balancers/bounded-load.ts";
import { leastRequest } from "../balancers/least-request.ts";
import { ringHash } from "../balancers/ring-hash.ts";
import { discover } from "../discover.ts";
import { NoInstanceError } from "../errors.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Instance } from "../instance.ts";
import { outlierDetection } from "../outlier/outlier-detection.ts";
import type { Lease, ServiceView } from "./service-view.ts";
import { slowStart } from "../slow-start.ts";
import { subset } from "../subset.ts";
import { zoneAware } from "../zone.ts";

/** What a balancer and all its forks have picked and not settled, by balancer and id. */
const account = () => {
  const open: Map<string, number>[] = [];
  const watched = (inner: Balancer): Balancer => {
    const counts = new Map<string, number>();
    open.push(counts);
    const add = (id: string, by: number): void => {
      const count = (counts.get(id) ?? 0) + by;
      expect(count).toBeGreaterThanOrEqual(0);
      counts.set(id, count);
    };
    return {
      update: (candidates) => inner.update(candidates),
      pick(request) {
        const picked = inner.pick(request);
        if (picked !== undefined) add(picked.id, 1);
        return picked;
      },
      settle(candidate, report) {
        add(candidate.id, -1);
        inner.settle(candidate, report);
      },
      fork: () => watched(inner.fork?.() ?? leastRequest()),
    };
  };
  const sum = (): number =>
    open.flatMap((counts) => [...counts.values()]).reduce((a, b) => a + b, 0);
  return { watched, open, sum };
};

const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
const anyInstance = (draw: Random, id: string, revision: number): Instance =>
  instanceOf(id, revision, {
    port: 1 + Math.floor(draw() * 9),
    weight: draw() < 0.5 ? 1 : 2,
    priority: draw() < 0.6 ? 0 : 1,
    state: draw() < 0.85 ? "serving" : "draining",
    zone: draw() < 0.5 ? "a" : "b",
  });

const settle = (lease: Lease | undefined, draw: Random): void => {
  const how = draw();
  if (how < 0.4) lease?.success(how);
  else if (how < 0.8) lease?.failure();
  else lease?.[Symbol.dispose]();
};
const inFlight = (view: ServiceView): number =>
  view.explain().instances.reduce((sum, each) => sum + each.inFlight, 0);

const play = async (seed: number): Promise<void> => {
  const draw = seededRandom(seed);
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const sick = new Set<number>();
  const { watched, open, sum } = account();
  const inner =
    seed % 2 === 0
      ? leastRequest({ random: draw })
      : boundedLoad(ringHash({ random: draw, points: 20 }));
  const check = ({ port }: Instance): Promise<void> =>
    sick.has(port) ? Promise.reject(new Error("sick")) : Promise.resolve();
  const some = <T>(value: T): T | undefined =>
    draw() < 0.5 ? value : undefined;
  const view = discover(registry, "web", {
    clock,
    random: draw,
    balancer: watched(inner),
    health: some(healthCheck.custom(check, { interval: 50, rise: 1, fall: 1 })),
    outlier: some(
      outlierDetection({ consecutive: 2, maxShare: 0.5, for: 300 }),
    ),
    slowStart: some(slowStart({ window: 3000 })),
    subset: some(subset({ size: 3, seed })),
    zone: some(zoneAware({ zone: "a" })),
    holdRemovals: { grace: 400 },
  });
  const watch = registry.opened[0]!;
  const held: Lease[] = [];
  const anyId = (): string => ids[Math.floor(draw() * ids.length)]!;
  for (let step = 1; step <= 300; step++) {
    const what = draw();
    if (what < 0.02 || step === 1) {
      const left = ids.filter(() => draw() < 0.5);
      watch.emit(
        syncOf(step, ...left.map((id) => anyInstance(draw, id, step))),
      );
    } else if (what < 0.2) watch.emit(putOf(anyInstance(draw, anyId(), step)));
    else if (what < 0.25) watch.emit(deleteOf(step, anyId()));
    else if (what < 0.3) {
      const port = 1 + Math.floor(draw() * 9);
      if (!sick.delete(port)) sick.add(port);
    } else if (what < 0.4) await clock.advance(draw() * 300);
    else if (what < 0.7) {
      const exclude = new Set(ids.filter(() => draw() < 0.3));
      try {
        held.push(view.pick({ exclude, key: `${step}` }));
      } catch (error) {
        expect(NoInstanceError.is(error)).toBe(true);
      }
    } else settle(held.splice(Math.floor(draw() * held.length), 1)[0], draw);
    await clock.advance(0);
    expect(sum()).toBe(held.length);
  }
  for (const lease of held) settle(lease, draw);
  expect(inFlight(view)).toBe(0);
  for (const counts of open)
    expect([...counts.values()].every((count) => count === 0)).toBe(true);
  await view[Symbol.asyncDispose]();
};

describe("what is in flight", () => {
  it("is off every balancer's count once settled, whatever became of instance, tier and view meanwhile", async () => {
    for (let seed = 0; seed < 60; seed++) await play(seed);
  });
});
