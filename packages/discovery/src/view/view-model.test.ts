import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deleteOf,
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import {
  ViewModel,
  type ModelMember,
  type ModelRules,
} from "../../test/view-model.ts";
import { roundRobin } from "../balancers/round-robin.ts";
import { discover } from "../discover.ts";
import { NoInstanceError } from "../errors.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Instance } from "../instance.ts";
import { outlierDetection } from "../outlier/outlier-detection.ts";
import type { Lease } from "./service-view.ts";
import { slowStart } from "../slow-start.ts";
import { subset } from "../subset.ts";
import { zoneAware } from "../zone.ts";

const base = {
  graceMs: 700,
  forMs: 1000,
  consecutive: 2,
  maxShare: 0.4,
  checkMs: 10,
} as const;
const rules = fc.record({
  windowMs: fc.constantFrom(undefined, 4000),
  zone: fc.constantFrom(undefined, "a"),
  subset: fc.constantFrom(undefined, 2),
});

const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "g");
const port = fc.constantFrom(1, 2, 3, 4, 5, 6, 7);
const state = fc.constantFrom(
  "serving" as const,
  "serving" as const,
  "draining" as const,
);
const spec = fc.record({
  id,
  port,
  state,
  weight: fc.constantFrom(1, 3),
  priority: fc.constantFrom(0, 0, 1),
  zone: fc.constantFrom("a", "b"),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("put" as const), spec }),
    },
    fc.record({ do: fc.constant("delete" as const), id }),
    fc.record({
      do: fc.constant("sync" as const),
      specs: fc.uniqueArray(spec, { selector: (each) => each.id }),
    }),
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("sick" as const), port }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("hold" as const),
        exclude: fc.subarray(["a", "b", "c", "d", "e"]),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("use" as const),
        how: fc.constantFrom("success", "failure", "failure", "cancel"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("settle" as const),
        how: fc.constantFrom("success", "failure", "cancel"),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("pass" as const),
        ms: fc.integer({ min: 1, max: 900 }),
      }),
    },
  ),
  { maxLength: 60, size: "max" },
);
type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

const compare = async (
  trace: readonly Step[],
  seed: number,
  chosen: Pick<ModelRules, "windowMs" | "zone" | "subset">,
): Promise<void> => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const model = new ViewModel({ ...base, ...chosen });
  const { graceMs, forMs, consecutive, maxShare, checkMs } = base;
  const { windowMs, zone, subset: size } = chosen;
  const view = discover(registry, "web", {
    clock,
    balancer: roundRobin({ random: seededRandom(seed) }),
    health: healthCheck.custom(
      ({ port: at }) =>
        model.sick.has(at)
          ? Promise.reject(new Error("sick"))
          : Promise.resolve(),
      { interval: checkMs, timeout: 5, rise: 1, fall: 1 },
    ),
    outlier: outlierDetection({
      consecutive,
      maxShare,
      for: forMs,
      maxFor: forMs,
    }),
    holdRemovals: { share: 0.5, grace: graceMs },
    slowStart:
      windowMs === undefined ? undefined : slowStart({ window: windowMs }),
    zone: zone === undefined ? undefined : zoneAware({ zone }),
    subset: size === undefined ? undefined : subset({ size, seed: "model" }),
  });
  const watch = registry.opened[0]!;
  watch.emit(syncOf(0));
  await clock.advance(0);
  let revision = 0;
  const make = (from: Partial<Instance> & { id: string }): Instance =>
    instanceOf(from.id, ++revision, from);
  const held: { lease: Lease; member: ModelMember | undefined }[] = [];

  const take = (exclude: readonly string[]) => {
    const eligible = model.eligible(exclude);
    try {
      const lease = view.pick({ exclude: new Set(exclude) });
      const member = model.members.find(
        ({ instance }) => instance.id === lease.instance.id,
      );
      expect(eligible).toContain(member);
      expect(lease.instance).toEqual(member?.instance);
      return { lease, member };
    } catch (error) {
      if (!NoInstanceError.is(error)) throw error;
      expect(eligible).toEqual([]);
      const anyone = model.serving().length > 0;
      expect(error.reason).toBe(anyone ? "excluded" : "empty");
      return undefined;
    }
  };
  const settle = (taken: ReturnType<typeof take>, how: string): void => {
    if (taken === undefined) return;
    const { lease, member } = taken;
    if (how === "success") lease.success();
    else if (how === "failure") lease.failure();
    else lease[Symbol.dispose]();
    const present = member !== undefined && model.members.includes(member);
    if (present && how !== "cancel") model.report(member, how === "success");
  };
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    model.pass(ms);
  };

  for (const step of trace) {
    if (step.do === "put") {
      const instance = make(step.spec);
      watch.emit(putOf(instance));
      model.put(instance);
    } else if (step.do === "delete") {
      watch.emit(deleteOf(++revision, step.id));
      model.delete(step.id);
    } else if (step.do === "sync") {
      const instances = step.specs.map(make);
      watch.emit(syncOf(++revision, ...instances));
      model.sync(instances);
    } else if (step.do === "sick") {
      model.turn(step.port);
      // Long enough for every instance to have been checked again.
      await pass(checkMs);
    } else if (step.do === "hold") {
      const taken = take(step.exclude);
      if (taken !== undefined) held.push(taken);
    } else if (step.do === "use") settle(take([]), step.how);
    else if (step.do === "settle") settle(held.shift(), step.how);
    else await pass(step.ms);
    await clock.advance(0);
    // Whoever takes the place of one whose grace is over is checked from when the view is read.
    view.explain();
    await clock.advance(0);

    const { instances, tiers } = view.explain();
    const standings = new Map(
      instances.map((each) => [each.id, each.standing]),
    );
    const expected = new Map(
      model.members.map((each) => [each.instance.id, model.standing(each)]),
    );
    expect(standings).toEqual(expected);
    const loads = model.tiers();
    expect(tiers.map(({ candidates }) => candidates)).toEqual(
      loads.map(({ members }) => members.length),
    );
    tiers.forEach(({ load }, index) =>
      expect(load).toBeCloseTo(loads[index]!.load, 6),
    );
    for (const member of model.serving()) {
      const shown = instances.find((each) => each.id === member.instance.id);
      const off = Math.abs(shown!.weight - model.weight(member));
      // Weights are brought up to date twenty times in a window.
      expect(off / member.instance.weight).toBeLessThanOrEqual(0.05 + 1e-9);
    }
    expect(view.snapshot.unconfirmed).toEqual(
      new Set(
        model.members
          .filter((each) => each.goesAtMs !== Infinity)
          .map(({ instance }) => instance.id),
      ),
    );
  }
  await view[Symbol.asyncDispose]();
  await clock.advance(0);
  expect(clock.pending).toBe(0);
};

describe("a view beside its reference model", () => {
  it("agrees on every standing and pick through random traces", async () => {
    await fc.assert(fc.asyncProperty(steps, fc.integer(), rules, compare), {
      seed: 1,
      numRuns: 150,
    });
  });
});
