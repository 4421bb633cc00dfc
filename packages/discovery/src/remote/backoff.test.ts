import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

const waits = (backoff: Backoff, count: number): number[] =>
  Array.from({ length: count }, () => backoff.next());

describe("waits between attempts", () => {
  it("double up to ten seconds, from a tenth of that by chance", () => {
    const least = new Backoff(new ManualClock(), () => 0);
    expect(waits(least, 9)).toEqual([
      10, 20, 40, 80, 160, 320, 640, 1_000, 1_000,
    ]);
    const most = new Backoff(new ManualClock(), () => 1, 300);
    expect(waits(most, 4)).toEqual([100, 200, 300, 300]);
  });

  it("begin anew after an attempt that got through", () => {
    const backoff = new Backoff(new ManualClock(), () => 1);
    waits(backoff, 5);
    backoff.reset();
    expect(waits(backoff, 2)).toEqual([100, 200]);
  });

  it("grow for a registry that answers and breaks each time, and are short again when it has calmed down", async () => {
    const clock = new ManualClock();
    const backoff = new Backoff(clock, seededRandom(1));
    const attemptsWithin = async (ms: number): Promise<number> => {
      const untilMs = clock.now() + ms;
      for (let attempts = 0; ; attempts++) {
        if (clock.now() >= untilMs) return attempts;
        await clock.advance(backoff.next());
        backoff.reset();
      }
    };
    await attemptsWithin(60_000);
    expect(await attemptsWithin(600_000)).toBeLessThan(600);
    await clock.advance(300_000);
    expect(await attemptsWithin(1_000)).toBeGreaterThan(10);
  });

  it("stay short for one that works, however long", async () => {
    const clock = new ManualClock();
    const backoff = new Backoff(clock, () => 1);
    for (let round = 0; round < 1_000; round++) {
      backoff.reset();
      await clock.advance(5);
    }
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });
});
