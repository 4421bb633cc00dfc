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
} from "../test/scripted-registry.ts";
import { roundRobin } from "./balancers/round-robin.ts";
import { discover } from "./discover.ts";
import { NoInstanceError } from "./errors.ts";
import { healthCheck } from "./health/health-check.ts";
import type { Instance } from "./instance.ts";
import { outlierDetection } from "./outlier/outlier-detection.ts";
import type { Lease, Standing } from "./service-view.ts";

const graceMs = 700;
const forMs = 1000;
const consecutive = 2;
const maxShare = 0.4;

/** One address of one id, as the model knows it. */
interface Member {
  instance: Instance;
  goesAtMs: number;
  failures: number;
  ejectedUntilMs: number;
}

/** What a view must think of its instances, worked out from scratch at every question. */
class Model {
  nowMs = 0;
  members: Member[] = [];
  readonly sick = new Set<number>();

  standing({ instance, ejectedUntilMs }: Member): Standing {
    if (instance.state === "draining") return "draining";
    if (this.sick.has(instance.port)) return "unhealthy";
    return ejectedUntilMs > this.nowMs ? "ejected" : "ready";
  }

  put(instance: Instance): void {
    const held = this.members.find((each) => each.instance.id === instance.id);
    if (held?.instance.port === instance.port) {
      held.instance = instance;
      held.goesAtMs = Infinity;
      return;
    }
    this.members = this.members.filter((each) => each !== held);
    this.members.push({
      instance,
      goesAtMs: Infinity,
      failures: 0,
      ejectedUntilMs: -Infinity,
    });
  }

  delete(id: string): void {
    this.members = this.members.filter(({ instance }) => instance.id !== id);
  }

  sync(instances: readonly Instance[]): void {
    const ids = new Set(instances.map(({ id }) => id));
    const confirmed = this.members.filter((each) => each.goesAtMs === Infinity);
    const missing = confirmed.filter((each) => !ids.has(each.instance.id));
    if (missing.length > confirmed.length / 2)
      for (const member of missing) member.goesAtMs = this.nowMs + graceMs;
    else this.members = this.members.filter((each) => !missing.includes(each));
    for (const instance of instances) this.put(instance);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.members = this.members.filter((each) => each.goesAtMs > this.nowMs);
  }

  report(member: Member, success: boolean): void {
    if (success) {
      member.failures = 0;
      return;
    }
    if (member.ejectedUntilMs > this.nowMs) return;
    member.failures++;
    if (member.failures < consecutive || member.instance.state === "draining")
      return;
    const serving = this.members.filter(
      ({ instance }) => instance.state === "serving",
    );
    const ejected = serving.filter((each) => each.ejectedUntilMs > this.nowMs);
    const room = Math.max(1, Math.floor(maxShare * serving.length));
    if (serving.length < 2 || ejected.length >= room) return;
    member.failures = 0;
    member.ejectedUntilMs = this.nowMs + forMs;
  }

  candidates(): Member[] {
    const serving = this.members.filter(
      (each) => this.standing(each) !== "draining",
    );
    const ready = serving.filter((each) => this.standing(each) === "ready");
    return ready.length / serving.length < 0.5 ? serving : ready;
  }
}

const id = fc.constantFrom("a", "b", "c", "d", "e");
const port = fc.constantFrom(1, 2, 3, 4, 5, 6);
const state = fc.constantFrom(
  "serving" as const,
  "serving" as const,
  "draining" as const,
);
const spec = fc.record({ id, port, state });
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
        exclude: fc.subarray(["a", "b", "c"]),
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

const compare = async (trace: readonly Step[], seed: number): Promise<void> => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const model = new Model();
  const view = discover(registry, "web", {
    clock,
    balancer: roundRobin({ random: seededRandom(seed) }),
    health: healthCheck.custom(
      ({ port: at }) =>
        model.sick.has(at)
          ? Promise.reject(new Error("sick"))
          : Promise.resolve(),
      { interval: 10, timeout: 5, rise: 1, fall: 1 },
    ),
    outlier: outlierDetection({
      consecutive,
      maxShare,
      for: forMs,
      maxFor: forMs,
    }),
    holdRemovals: { share: 0.5, grace: graceMs },
  });
  const watch = registry.opened[0]!;
  watch.emit(syncOf(0));
  await clock.advance(0);
  let revision = 0;
  const make = (from: { id: string; port: number; state: Instance["state"] }) =>
    instanceOf(from.id, ++revision, from);
  const held: { lease: Lease; member: Member | undefined }[] = [];

  const take = (exclude: readonly string[]) => {
    const eligible = model
      .candidates()
      .filter(({ instance }) => !exclude.includes(instance.id));
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
      const anyone = model.members.some(
        (each) => model.standing(each) !== "draining",
      );
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
      if (!model.sick.delete(step.port)) model.sick.add(step.port);
      // Long enough for every instance to have been checked again.
      await pass(10);
    } else if (step.do === "hold") {
      const taken = take(step.exclude);
      if (taken !== undefined) held.push(taken);
    } else if (step.do === "use") settle(take([]), step.how);
    else if (step.do === "settle") settle(held.shift(), step.how);
    else await pass(step.ms);
    await clock.advance(0);

    const standings = new Map(
      view.explain().instances.map((each) => [each.id, each.standing]),
    );
    const expected = new Map(
      model.members.map((each) => [each.instance.id, model.standing(each)]),
    );
    expect(standings).toEqual(expected);
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
    await fc.assert(fc.asyncProperty(steps, fc.integer(), compare), {
      seed: 1,
      numRuns: 100,
    });
  });
});
