import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { seededRandom } from "@dp/core";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { deferred, type Deferred } from "../deferred.ts";
import { refusalOf } from "../refusal-of.ts";
import { samplesOf } from "../samples.ts";
import {
  aimd,
  breakerRegistry,
  bulkhead,
  concurrencyLimit,
  consecutive,
  gradient2,
  pipeline,
  throttle,
  timeout,
  vegas,
  type BulkheadOptions,
  type LimitAlgorithm,
} from "../../src/index.ts";

const never = (): Promise<never> => new Promise(() => undefined);

describe("a bulkhead that is full", () => {
  const fill = (options: Partial<BulkheadOptions> = {}) => {
    const clock = new ManualClock();
    const policy = bulkhead({ max: 1, queue: 2, ...options });
    const guarded = pipeline({ clock }, policy);
    const order: string[] = [];
    const call = (name: string, signal?: AbortSignal) => {
      const end: Deferred<string> = deferred();
      const result = refusalOf(
        guarded.run(
          () => {
            order.push(name);
            return end.promise;
          },
          { signal },
        ),
      );
      return { end: () => end.resolve(name), result };
    };
    return { clock, policy, order, call };
  };

  it("serves those who wait in their order, though newcomers come whenever a place becomes free", async () => {
    const { order, call } = fill({ queue: 10 });
    const calls = ["first", "second", "third"].map((name) => call(name));
    for (const [index, each] of calls.entries()) {
      each.end();
      call(`newcomer in the same moment ${index}`);
      await Promise.resolve();
      call(`newcomer a moment later ${index}`);
      await drainMicrotasks();
    }
    expect(order.slice(0, 4)).toEqual([
      "first",
      "second",
      "third",
      "newcomer in the same moment 0",
    ]);
  });

  it("gives the place in the queue of one who left to another", async () => {
    const { policy, order, call } = fill();
    const first = call("first");
    const leavers = [new AbortController(), new AbortController()];
    const left = leavers.map(({ signal }) => call("leaver", signal));
    for (const leaver of leavers) leaver.abort();
    await Promise.all(left.map(({ result }) => result));
    expect(policy.waiting).toBe(0);
    call("second");
    call("third");
    first.end();
    await drainMicrotasks();
    expect(order).toEqual(["first", "second"]);
  });

  it("tells one who has waited too long so, and loses no place by it", async () => {
    const { clock, policy, order, call } = fill({ maxWait: 100 });
    const first = call("first");
    const leaver = new AbortController();
    const patient = call("patient", leaver.signal);
    await clock.advance(100);
    expect(await patient.result).toBe(
      "full: bulkhead had no place for this call within 100 ms",
    );
    leaver.abort();
    first.end();
    await drainMicrotasks();
    expect([policy.inFlight, policy.waiting]).toEqual([0, 0]);
    call("next");
    expect(order).toEqual(["first", "next"]);
  });
});

/** Waves of as many calls as the limit allows. What a call takes depends on how many are in flight. */
const load = async (
  algorithm: LimitAlgorithm,
  waves: number,
  takes: (inFlight: number) => number,
  calls: (limit: number) => number = (limit) => limit,
) => {
  const clock = new ManualClock();
  const policy = concurrencyLimit(algorithm);
  const guarded = pipeline({ clock }, policy, timeout(500));
  for (let wave = 0; wave < waves; wave++) {
    const size = calls(policy.limit);
    const ms = takes(size);
    const running = Array.from({ length: size }, () =>
      guarded.try(() => clock.sleep(ms)),
    );
    await clock.advance(500);
    await Promise.all(running);
  }
  return policy;
};

describe("a limit that finds out what a service can do", () => {
  it("comes down when nothing is answered, though timeouts all take the same time", async () => {
    for (const algorithm of [aimd(), gradient2(), vegas()]) {
      const before = algorithm.limit;
      const { limit } = await load(algorithm, 100, () => 10_000);
      expect(limit).toBeLessThan(before / 2);
    }
  });

  it("stays where it is while little of it is used", async () => {
    for (const algorithm of [aimd(), gradient2(), vegas()]) {
      const before = algorithm.limit;
      const few = (): number => 3;
      const { limit } = await load(algorithm, 300, () => 10, few);
      expect(limit).toBe(before);
    }
  });

  it("does not drift up while calls take longer the more there are", async () => {
    // The service does ten at a time in 10 ms each; all others queue in it.
    const takes = (inFlight: number): number => 10 * Math.max(1, inFlight / 10);
    const { limit } = await load(gradient2({ max: 1_000 }), 600, takes);
    expect(limit).toBeLessThan(100);
  });

  it("goes down to a single call where a service can do no more", async () => {
    const takes = (inFlight: number): number => (inFlight > 1 ? 10_000 : 10);
    const { limit } = await load(aimd({ initial: 20 }), 100, takes);
    expect(limit).toBeLessThanOrEqual(2);
  });
});

describe("a throttle", () => {
  it("counts a request when it begins, so that calls longer than its window count too", async () => {
    const clock = new ManualClock();
    const policy = throttle({ window: "1s", minimum: 10 });
    const guarded = pipeline({ clock, random: () => 0.99 }, policy);
    for (let second = 0; second < 5; second++) {
      for (let call = 0; call < 20; call++) void guarded.run(never);
      expect(policy.probability).toBeGreaterThan(0.8);
      await clock.advance(1_000);
    }
  });

  it("recovers from a long outage within the time that its window and its cap allow", async () => {
    const clock = new ManualClock();
    const policy = throttle();
    const guarded = pipeline({ clock, random: seededRandom(1) }, policy);
    const second = async (isUp: boolean): Promise<void> => {
      for (let call = 0; call < 100; call++)
        await guarded.try(() => {
          if (!isUp) throw new Error("down");
        });
      await clock.advance(1_000);
    };
    for (let time = 0; time < 300; time++) await second(false);
    expect(policy.probability).toBe(0.9);
    let seconds = 0;
    for (; policy.probability > 0.05 && seconds < 300; seconds++)
      await second(true);
    expect(seconds).toBeLessThan(90);
  });
});

describe("a registry", () => {
  it("tells the metrics of all breakers in one call", () => {
    const registry = breakerRegistry({ defaults: { trip: consecutive(1) } });
    const names = Array.from({ length: 100 }, (_, index) => `service ${index}`);
    for (const [index, name] of names.entries())
      if (index % 2 === 0) registry.getOrCreate(name).permit().failure();
      else registry.getOrCreate(name).permit().success();
    const families = Array.from(registry.metrics(), ({ name }) => name);
    expect(new Set(families).size).toBe(families.length);
    const samples = samplesOf(registry);
    for (const [index, name] of names.entries())
      expect(samples).toMatchObject({
        [`calls_total ${name} failure`]: 1 - (index % 2),
        [`state ${name} open`]: 1 - (index % 2),
      });
  });
});

describe("ten thousand breakers", () => {
  it("take no timer and let the process end", { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL("idle-breakers.ts", import.meta.url));
    // Rejects unless the process ends by itself, with 0.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@dp/source", script],
      { timeout: 50_000 },
    );
    expect(JSON.parse(stdout)).toEqual({
      open: 3_334,
      probing: 3_333,
      timers: 0,
      alive: [],
    });
  });
});
