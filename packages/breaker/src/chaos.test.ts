import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../test/refusal-of.ts";
import { samplesOf } from "../test/samples.ts";
import { chaos, pipeline } from "./index.ts";

describe("chaos", () => {
  it("makes the share of calls fail that it is told, and they do not run", async () => {
    const policy = chaos({ rate: 0.3, random: seededRandom(1) });
    const guarded = pipeline(policy);
    let ran = 0;
    const results = await Promise.all(
      Array.from({ length: 1_000 }, () => guarded.try(() => ran++)),
    );
    const failed = results.filter(({ ok }) => !ok).length;
    expect(failed).toBeGreaterThan(250);
    expect(failed).toBeLessThan(350);
    expect(ran).toBe(1_000 - failed);
    expect(samplesOf(policy)).toEqual({
      "chaos_injected_total chaos error": failed,
      "chaos_injected_total chaos latency": 0,
    });
  });

  it("does nothing at a rate of 0, and everything at 1", async () => {
    const never = pipeline(chaos({ rate: 0 }));
    expect(await never.run(() => "ran")).toBe("ran");
    const always = pipeline(chaos({ rate: 1, name: "storm" }));
    await expect(always.run(() => "ran")).rejects.toThrow(
      "DP_CHAOS: storm made this call fail",
    );
  });

  it("fails with an error of your own", async () => {
    const error = new RangeError("mine");
    const guarded = pipeline(chaos({ rate: 1, error: () => error }));
    await expect(guarded.run(() => "ran")).rejects.toBe(error);
  });

  it("makes calls slow that go on to succeed, or to fail if told so too", async () => {
    const clock = new ManualClock();
    const slow = pipeline({ clock }, chaos({ rate: 1, latency: "2s" }));
    const answer = slow.run(() => clock.now());
    await clock.advance(2_000);
    expect(await answer).toBe(2_000);
    const both = pipeline(
      { clock },
      chaos({ rate: 1, latency: "2s", error: () => new Error("late") }),
    );
    const failure = refusalOf(both.run(() => "ran"));
    await clock.advance(2_000);
    expect(await failure).toEqual(new Error("late"));
  });

  it("ends the wait at once when the caller gives up, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, chaos({ rate: 1, latency: "1h" }));
    const caller = new AbortController();
    const answer = refusalOf(
      guarded.run(() => "ran", { signal: caller.signal }),
    );
    await clock.advance(1);
    caller.abort("gone");
    expect(await answer).toBe("gone");
    expect(clock.pending).toBe(0);
  });

  it("takes its chance from the pipeline", async () => {
    const guarded = pipeline({ random: () => 0.5 }, chaos({ rate: 0.5 }));
    expect(await guarded.run(() => "ran")).toBe("ran");
  });

  it("refuses options out of bounds", () => {
    expect(() => chaos({ rate: 2 })).toThrow(
      "rate must be a number from 0 to 1, got 2",
    );
    expect(() => chaos({ rate: 1, latency: -1 })).toThrow("latency must be");
    expect(() => chaos({ rate: 1, error: "x" as never })).toThrow(
      "error must be a function",
    );
  });
});
