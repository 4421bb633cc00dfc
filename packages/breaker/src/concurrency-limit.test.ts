import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { deferred } from "../test/deferred.ts";
import { refusalOf } from "../test/refusal-of.ts";
import { samplesOf } from "../test/samples.ts";
import {
  aimd,
  concurrencyLimit,
  gradient2,
  pipeline,
  timeout,
  type LimitAlgorithm,
  type LimitSample,
  type Verdict,
} from "./index.ts";

/** An algorithm that keeps what it is told. */
const recording = (limit: number) => {
  const samples: LimitSample[] = [];
  return {
    limit,
    samples,
    sample: (sample: LimitSample) => void samples.push(sample),
  };
};

const make = (algorithm: LimitAlgorithm, verdict?: () => Verdict) => {
  const clock = new ManualClock();
  const policy = concurrencyLimit(algorithm);
  const guarded = pipeline({ clock, classify: verdict }, policy);
  const takes = (ms: number) => guarded.run(() => clock.sleep(ms));
  return { clock, policy, guarded, takes };
};

describe("a concurrency limit", () => {
  it("refuses what is above the limit of the moment, and nothing else", async () => {
    const algorithm = recording(2.9);
    const { policy, guarded } = make(algorithm);
    const end = deferred<string>();
    const running = [1, 2].map(() => guarded.run(() => end.promise));
    expect(policy.inFlight).toBe(2);
    expect(await refusalOf(guarded.run(() => end.promise))).toBe(
      "limited: limit has 2 calls in flight, and the service can do 2 at the moment",
    );
    algorithm.limit = 3;
    running.push(guarded.run(() => end.promise));
    algorithm.limit = 0;
    end.resolve("done");
    await Promise.all(running);
    expect(policy.inFlight).toBe(0);
    // One call always gets through, or it would never learn again.
    expect(await guarded.run(() => "one")).toBe("one");
  });

  it("tells the algorithm how long a call took, and how many were in flight when it began", async () => {
    const algorithm = recording(10);
    const { clock, takes } = make(algorithm);
    const running = [takes(30), takes(10)];
    await clock.advance(30);
    await Promise.all(running);
    expect(algorithm.samples).toEqual([
      { rttMs: 10, inFlight: 2, dropped: false },
      { rttMs: 30, inFlight: 1, dropped: false },
    ]);
  });

  it("takes a failure for a drop, and does not look at what says nothing", async () => {
    const algorithm = recording(10);
    let verdict: Verdict = "ignore";
    const { clock, takes, guarded } = make(algorithm, () => verdict);
    const ignored = takes(10);
    await clock.advance(10);
    await ignored;
    expect(algorithm.samples).toEqual([]);
    verdict = { failure: true };
    await guarded.run(() => "503 at once");
    expect(algorithm.samples).toEqual([
      { rttMs: 0, inFlight: 1, dropped: true },
    ]);
  });

  it("does not learn from a call that cannot have reached the service", async () => {
    const algorithm = recording(10);
    const { clock, takes } = make(algorithm);
    const running = [takes(0.09), takes(0.1)];
    await clock.advance(1);
    await Promise.all(running);
    expect(algorithm.samples).toHaveLength(1);
  });

  it("gives the place back when a call fails or classify throws", async () => {
    const { policy, guarded } = make(recording(1), () => {
      throw new Error("bug");
    });
    await expect(guarded.run(() => 1)).rejects.toThrow("bug");
    expect(policy.inFlight).toBe(0);
  });

  it("gathers calls for as long as the algorithm wants", async () => {
    const algorithm = { ...recording(100), windowMs: 1_000 };
    const { clock, takes } = make(algorithm);
    for (let call = 0; call < 120; call++) {
      const running = takes(10);
      await clock.advance(10);
      await running;
    }
    expect(algorithm.samples).toEqual([
      { rttMs: 10, inFlight: 1, dropped: false },
    ]);
  });

  it("comes down when calls time out, which all takes the same time", async () => {
    for (const algorithm of [aimd(), gradient2()]) {
      const clock = new ManualClock();
      const policy = concurrencyLimit(algorithm);
      const guarded = pipeline({ clock }, policy, timeout(100));
      for (let wave = 0; wave < 60; wave++) {
        const hanging = Array.from({ length: policy.limit }, () =>
          guarded.try(() => new Promise(() => undefined)),
        );
        await clock.advance(100);
        await Promise.all(hanging);
        await drainMicrotasks();
      }
      expect(policy.limit).toBeLessThan(15);
    }
  });

  it("leaves room to a service that fails some calls whatever the load", async () => {
    const { clock, policy, guarded } = make(gradient2());
    let calls = 0;
    const callers = Array.from({ length: 15 }, async () => {
      while (clock.now() < 20_000) {
        // One in eight.
        const isBad = ++calls % 8 === 0;
        await guarded.try(async () => {
          await clock.sleep(50);
          if (isBad) throw new Error("a bug on one page");
        });
        await clock.sleep(10);
      }
    });
    await clock.advance(20_060);
    await Promise.all(callers);
    expect(policy.limit).toBeGreaterThan(15);
  });

  it("tells its limit, what is in flight and what it refused", async () => {
    const { policy, guarded } = make(recording(1));
    const end = deferred<undefined>();
    const running = guarded.run(() => end.promise);
    await refusalOf(guarded.run(() => 1));
    expect(samplesOf(policy)).toEqual({
      "limit limit": 1,
      "limit_in_flight limit": 1,
      "limit_refused_total limit": 1,
    });
    end.resolve(undefined);
    await running;
  });

  it("needs an algorithm", () => {
    expect(() => concurrencyLimit({} as LimitAlgorithm)).toThrow(
      "algorithm must be an object with a sample method",
    );
  });
});
