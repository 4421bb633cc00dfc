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
import { roundRobin } from "../balancers/round-robin.ts";
import { discover } from "../discover.ts";
import type { InstanceState } from "../instance.ts";
import { outlierDetection } from "../outlier/outlier-detection.ts";
import type { Lease } from "./service-view.ts";

const intervalMs = 1000;
const forMs = 2500;
const maxForMs = 6000;
const minimumHosts = 3;
const minimumRequests = 4;
const floor = 0.2;
const stdevFactor = 1;

interface Settings {
  readonly consecutive: number | false;
  readonly maxShare: number;
  readonly deviation: "stdev" | "mad";
}

/** Everything that ever happened to one instance. */
class History {
  state: InstanceState = "serving";
  readonly reports: { atMs: number; success: boolean }[] = [];
  readonly ejections: { fromMs: number; untilMs: number; times: number }[] = [];

  ejectedAt(ms: number): boolean {
    return this.ejections.some(
      ({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs,
    );
  }

  /** Those that count: none of before an ejection, none of during one. */
  since(fromMs: number): readonly { atMs: number; success: boolean }[] {
    const back = Math.max(
      fromMs,
      ...this.ejections.map(({ untilMs }) => untilMs),
    );
    return this.reports.filter(({ atMs }) => atMs >= back);
  }

  eject(nowMs: number): void {
    const last = this.ejections.at(-1);
    const good = last === undefined ? 0 : (nowMs - last.untilMs) / intervalMs;
    const kept = Math.max(0, (last?.times ?? 0) - Math.floor(good));
    const times = Math.min(kept + 1, Math.ceil(maxForMs / forMs));
    const untilMs = nowMs + Math.min(forMs * times, maxForMs);
    this.ejections.push({ fromMs: nowMs, untilMs, times });
  }
}

/** Outlier detection with a timer and without counters: all is worked out from the histories. */
class Model {
  readonly settings: Settings;
  readonly instances = new Map<string, History>();
  nowMs = 0;
  ejections = 0;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  serving(): History[] {
    return [...this.instances.values()].filter(
      ({ state }) => state === "serving",
    );
  }

  ejected(): string[] {
    return [...this.instances]
      .filter(([, history]) => history.ejectedAt(this.nowMs))
      .map(([id]) => id);
  }

  room(): boolean {
    const serving = this.serving();
    const ejected = serving.filter((each) => each.ejectedAt(this.nowMs)).length;
    const allowed = Math.floor(this.settings.maxShare * serving.length + 1e-9);
    return serving.length > 1 && ejected < Math.max(1, allowed);
  }

  eject(history: History): void {
    if (!this.room()) return;
    history.eject(this.nowMs);
    this.ejections++;
  }

  report(history: History, success: boolean): void {
    if (history.ejectedAt(this.nowMs)) return;
    history.reports.push({ atMs: this.nowMs, success });
    const { consecutive } = this.settings;
    if (success || consecutive === false || history.state === "draining")
      return;
    const last = history.since(0).slice(-consecutive);
    if (last.length === consecutive && last.every((each) => !each.success))
      this.eject(history);
  }

  pass(ms: number): void {
    const toMs = this.nowMs + ms;
    const next = (): number =>
      (Math.floor(this.nowMs / intervalMs) + 1) * intervalMs;
    for (let atMs = next(); atMs <= toMs; atMs = next()) {
      this.nowMs = atMs;
      this.sweep();
    }
    this.nowMs = toMs;
  }

  sweep(): void {
    const rated = this.serving().flatMap((history) => {
      const seen = history
        .since(this.nowMs - intervalMs)
        .filter(({ atMs }) => atMs < this.nowMs);
      if (history.ejectedAt(this.nowMs) || seen.length < minimumRequests)
        return [];
      const rate = seen.filter(({ success }) => success).length / seen.length;
      return [{ history, rate }];
    });
    if (rated.length < minimumHosts) return;
    const rates = rated.map(({ rate }) => rate).sort((a, b) => a - b);
    const middle = (of: readonly number[]): number =>
      (of[Math.floor(of.length / 2)]! + of[Math.ceil(of.length / 2) - 1]!) / 2;
    const mean = (of: readonly number[]): number =>
      of.reduce((total, each) => total + each, 0) / of.length;
    const mad = this.settings.deviation === "mad";
    const center = mad ? middle(rates) : mean(rates);
    const distances = rates.map((rate) => Math.abs(rate - center));
    const deviation = mad
      ? 1.4826 * middle(distances.sort((a, b) => a - b))
      : Math.sqrt(mean(distances.map((each) => each ** 2)));
    const bad = rated
      .filter(({ rate }) => center - rate > stdevFactor * deviation + 1e-9)
      .filter(({ rate }) => center - rate > floor - 1e-9)
      .sort((a, b) => a.rate - b.rate);
    for (const { history } of bad) this.eject(history);
  }
}

const ids = ["a", "b", "c", "d", "e", "f"] as const;
const id = fc.constantFrom(...ids);
const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("use" as const), id, outcomes }),
  },
  // Everybody gets traffic, so that there is something to compare.
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("all" as const),
      bad: fc.subarray([...ids]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("hold" as const), id }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      success: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.oneof(
        fc.integer({ min: 1, max: 1500 }),
        fc.constantFrom(500, 1000, 4000),
      ),
      look: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      id,
      to: fc.constantFrom("serving", "draining", "gone" as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const compare = async (
  trace: readonly Step[],
  settings: Settings,
): Promise<number> => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const model = new Model(settings);
  const view = discover(registry, "web", {
    clock,
    balancer: roundRobin({ random: () => 0 }),
    panicThreshold: 0,
    outlier: outlierDetection({
      ...settings,
      interval: intervalMs,
      for: forMs,
      maxFor: maxForMs,
      successRate: {
        minimumHosts,
        minimumRequests,
        floor,
        stdevFactor,
        deviation: settings.deviation,
      },
    }),
  });
  const watch = registry.opened[0]!;
  let revision = 1;
  watch.emit(syncOf(revision, ...ids.map((each) => instanceOf(each))));
  await clock.advance(0);
  for (const each of ids) model.instances.set(each, new History());
  const held: { lease: Lease; history: History }[] = [];

  const look = (): void => {
    const standings = view.explain().instances;
    const ejected = standings.filter(({ ejectedForMs }) => ejectedForMs > 0);
    expect(ejected.map((each) => each.id).sort()).toEqual(
      model.ejected().sort(),
    );
    // The law that the model's own room follows; an instance that leaves may make the share smaller afterwards.
    if (revision === 1)
      expect(ejected.length).toBeLessThanOrEqual(
        Math.max(1, Math.floor(settings.maxShare * ids.length)),
      );
    const lasting = new Map(ejected.map((each) => [each.id, each]));
    for (const [name, { ejections }] of model.instances) {
      const leftMs = (ejections.at(-1)?.untilMs ?? 0) - model.nowMs;
      const shown = lasting.get(name)?.ejectedForMs ?? 0;
      expect(shown).toBe(Math.max(0, leftMs));
    }
    const total = [...view.metrics()].find(
      ({ name }) => name === "dp_discovery_ejections_total",
    )!.samples;
    expect([...total][0]!.value).toBe(model.ejections);
  };
  const take = (name: string): (typeof held)[number] | undefined => {
    const history = model.instances.get(name);
    if (history?.state !== "serving" || history.ejectedAt(model.nowMs))
      return undefined;
    const exclude = new Set(ids.filter((each) => each !== name));
    return { lease: view.pick({ exclude }), history };
  };
  const settle = (
    taken: (typeof held)[number] | undefined,
    success: boolean,
  ): void => {
    if (taken === undefined) return;
    if (success) taken.lease.success();
    else taken.lease.failure();
    if ([...model.instances.values()].includes(taken.history))
      model.report(taken.history, success);
  };

  for (const each of trace) {
    if (each.do === "use")
      for (const success of each.outcomes) settle(take(each.id), success);
    else if (each.do === "all")
      for (const name of ids)
        for (let turn = 0; turn < 5; turn++)
          settle(take(name), !each.bad.includes(name) || turn === 0);
    else if (each.do === "hold") {
      const taken = take(each.id);
      if (taken !== undefined) held.push(taken);
    } else if (each.do === "settle") settle(held.shift(), each.success);
    else if (each.do === "pass") {
      await clock.advance(each.ms);
      model.pass(each.ms);
      // Not looking must make no difference.
      if (each.look) look();
    } else {
      // What is late is judged by who is there when it is; so nothing must be late when that changes.
      look();
      if (each.to === "gone") {
        watch.emit(deleteOf(++revision, each.id));
        model.instances.delete(each.id);
      } else {
        watch.emit(putOf(instanceOf(each.id, ++revision, { state: each.to })));
        const history = model.instances.get(each.id) ?? new History();
        history.state = each.to;
        model.instances.set(each.id, history);
      }
      await clock.advance(0);
    }
  }
  look();
  await view[Symbol.asyncDispose]();
  await clock.advance(0);
  expect(clock.pending).toBe(0);
  return model.ejections;
};

describe("outlier detection beside its reference model", () => {
  it("agrees on every ejection and its end through random traces, however late it is looked at", async () => {
    let ejections = 0;
    const settings = fc.record({
      consecutive: fc.constantFrom(false as const, 3, 6),
      maxShare: fc.constantFrom(0, 0.1, 0.4, 1),
      deviation: fc.constantFrom("stdev" as const, "mad" as const),
    });
    const steps = fc.array(step, { maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(steps, settings, async (trace, how) => {
        ejections += await compare(trace, how);
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(ejections).toBeGreaterThan(400);
  });
});
