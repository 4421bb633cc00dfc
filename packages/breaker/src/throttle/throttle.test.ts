import { seededRandom, systemClock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../../test/refusal-of.ts";
import { samplesOf } from "../../test/samples.ts";
import {
  pipeline,
  throttle,
  timeout,
  type ThrottleOptions,
  type Verdict,
} from "../index.ts";

const make = (options: ThrottleOptions = {}, random = () => 0.999) => {
  const clock = new ManualClock();
  const policy = throttle(options);
  const guarded = pipeline(
    { clock, random, classify: ({ ok }) => (ok ? "success" : "failure") },
    policy,
  );
  const succeed = () => guarded.run(() => "yes");
  const fail = () =>
    guarded
      .run(() => Promise.reject(new Error("overloaded")))
      .catch(() => "no");
  const times = async (count: number, act: () => Promise<unknown>) => {
    for (let time = 0; time < count; time++) await act();
  };
  return { clock, policy, guarded, succeed, fail, times };
};

describe("a throttle", () => {
  it("holds nothing back while at least one in k calls is accepted", async () => {
    const { policy, times, succeed, fail } = make();
    await times(50, succeed);
    await times(50, fail);
    expect(policy.probability).toBe(0);
  });

  it("holds back (requests - k * accepts) / (requests + 1) beyond that", async () => {
    const { policy, times, succeed, fail } = make({ k: 1.5 });
    await times(40, succeed);
    await times(60, fail);
    expect(policy.probability).toBe((100 - 1.5 * 40) / 101);
  });

  it("forgets nothing when it comes into a pipeline of another clock", async () => {
    const { policy, times, fail } = make();
    await times(19, fail);
    pipeline({ clock: new ManualClock() }, policy);
    expect(policy.probability).toBe(0.9);
  });

  it("refuses a call if chance falls below the share, and counts it as a request", async () => {
    let chance = 0.9;
    const { policy, guarded, times, fail } = make(
      { name: "search" },
      () => chance,
    );
    await times(19, fail);
    expect(policy.probability).toBe(0.9);
    expect(await guarded.run(() => "served")).toBe("served");
    chance = 0.8;
    expect(await refusalOf(guarded.run(() => "served"))).toBe(
      "throttled: search holds back 86 % of calls, because the service accepts too few",
    );
    // 19 failed, one was accepted, one was refused.
    expect(policy.probability).toBe((21 - 2 * 1) / 22);
  });

  it("never holds back more than its maximum, so that it notices a recovery", async () => {
    const { policy, times, fail } = make({ maxReject: 0.5 });
    await times(500, fail);
    expect(policy.probability).toBe(0.5);
  });

  it("holds nothing back before it has seen a few calls", async () => {
    const { policy, times, fail } = make({ minimum: 5 });
    await times(4, fail);
    expect(policy.probability).toBe(0);
    await fail();
    expect(policy.probability).toBe(5 / 6);
  });

  it("forgets a call when it leaves the window, after any silence", async () => {
    const { clock, policy, times, fail } = make({ window: "10s" });
    await times(20, fail);
    await clock.advance(8_999);
    expect(policy.probability).toBe(0.9);
    await clock.advance(1_001);
    expect(policy.probability).toBe(0);
    await clock.advance(86_400_000);
    expect(policy.probability).toBe(0);
  });

  it("counts a request when it begins, so that calls which hang hold others back", () => {
    const { policy, guarded } = make();
    for (let call = 0; call < 30; call++)
      void guarded.run(() => new Promise(() => undefined));
    expect(policy.probability).toBe(0.9);
  });

  it("does not count what says nothing about the service", async () => {
    const clock = new ManualClock();
    const policy = throttle({ minimum: 1 });
    let verdict: Verdict = "ignore";
    const guarded = pipeline({ clock, classify: () => verdict }, policy);
    for (let call = 0; call < 20; call++) await guarded.run(() => "");
    expect(policy.probability).toBe(0);
    const late = guarded.run(() => clock.sleep(60_000));
    await clock.advance(60_000);
    await late;
    expect(policy.probability).toBe(0);
    verdict = { failure: true, retryAfterMs: 5 };
    await guarded.run(() => "");
    expect(policy.probability).toBe(0.5);
  });

  it("does not count a call whose classify throws, and rejects with that", async () => {
    const clock = new ManualClock();
    const policy = throttle({ minimum: 1 });
    const classify = () => {
      throw new Error("bug");
    };
    const guarded = pipeline({ clock, classify }, policy);
    await expect(guarded.run(() => "")).rejects.toThrow("bug");
    expect(policy.probability).toBe(0);
  });

  it("takes a timeout for a call that was not accepted", async () => {
    const clock = new ManualClock();
    const policy = throttle({ minimum: 1 });
    const guarded = pipeline({ clock }, policy, timeout(10));
    const run = refusalOf(guarded.run(() => new Promise(() => undefined)));
    await clock.advance(10);
    expect(await run).toContain("timeout");
    expect(policy.probability).toBe(0.5);
  });

  it("goes by a clock and random of its own before those of the pipeline", async () => {
    const clock = new ManualClock();
    const policy = throttle({ clock, random: () => 0, minimum: 1 });
    const guarded = pipeline(
      { clock: new ManualClock(), random: () => 0.999 },
      policy,
    );
    await guarded.try(() => Promise.reject(new Error("no")));
    expect(await refusalOf(guarded.run(() => 1))).toContain("50 %");
    await clock.advance(30_000);
    expect(policy.probability).toBe(0);
  });

  it("looks at the clock when a call begins and when it is accepted, no more", async () => {
    let looks = 0;
    const now = (): number => {
      looks++;
      return 0;
    };
    const policy = throttle({ clock: { ...systemClock, now } });
    const guarded = pipeline(policy);
    looks = 0;
    await guarded.run(() => "yes");
    expect(looks).toBe(2);
  });

  it("tells what came, was accepted and was refused", async () => {
    const { policy, times, succeed, fail } = make({ k: 1 }, () => 0);
    await times(10, succeed);
    await times(4, fail);
    expect(samplesOf(policy)).toEqual({
      "throttle_requests_total throttle": 14,
      "throttle_accepts_total throttle": 10,
      "throttle_refused_total throttle": 3,
      "throttle_probability throttle": 4 / 15,
    });
  });

  it("refuses options out of bounds", () => {
    for (const k of [0.5, NaN, Infinity])
      expect(() => throttle({ k })).toThrow(
        `k must be a number from 1 to ${Number.MAX_SAFE_INTEGER}, got ${k}`,
      );
    expect(() => throttle({ maxReject: 1.1 })).toThrow("maxReject must be");
    expect(() => throttle({ window: 0 })).toThrow("window must be");
    expect(() => throttle({ minimum: 0 })).toThrow("minimum must be");
    expect(() => throttle({ buckets: 0 })).toThrow("buckets must be");
  });
});

describe("a throttle and a list of all calls", () => {
  it("hold back the same share, whatever the calls do and however long they take", async () => {
    const step = fc.record({
      byMs: fc.oneof(fc.nat(400), fc.constantFrom(0, 1_000, 1e8)),
      takesMs: fc.nat(2_500),
      verdict: fc.constantFrom<Verdict>("success", "failure", "ignore"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.nat(),
        async (steps, seed) => {
          const random = seededRandom(seed);
          const clock = new ManualClock();
          const policy = throttle({ window: 1_000, buckets: 4, minimum: 3 });
          const guarded = pipeline(
            {
              clock,
              random,
              classify: (outcome) =>
                outcome.ok ? (outcome.value as Verdict) : "ignore",
            },
            policy,
          );
          const calls: {
            atMs: number;
            endMs: number;
            verdict: Verdict | "refused";
          }[] = [];
          const bucketOf = (ms: number): number => Math.floor(ms / 250);
          const shareNow = (): number => {
            const now = clock.now();
            const held = (ms: number): boolean =>
              bucketOf(ms) > bucketOf(now) - 4;
            const requests = calls.filter(
              ({ atMs, endMs, verdict }) =>
                held(atMs) && !(verdict === "ignore" && endMs <= now),
            ).length;
            const accepts = calls.filter(
              ({ endMs, verdict }) =>
                verdict === "success" && endMs <= now && held(endMs),
            ).length;
            return requests < 3
              ? 0
              : Math.min(
                  0.9,
                  Math.max(0, (requests - 2 * accepts) / (requests + 1)),
                );
          };
          for (const { byMs, takesMs, verdict } of steps) {
            await clock.advance(byMs);
            expect(policy.probability).toBe(shareNow());
            const atMs = clock.now();
            const ran: Verdict[] = [];
            guarded
              .run(async () => {
                ran.push(verdict);
                await clock.sleep(takesMs);
                return verdict;
              })
              .catch(() => undefined);
            await clock.advance(0);
            calls.push({
              atMs,
              endMs: atMs + takesMs,
              verdict: ran[0] ?? "refused",
            });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
