import { describe, expect, it } from "vitest";
import { tripSuite } from "../testing/trip-suite.ts";
import { anyOf } from "./any-of.ts";
import { consecutive } from "./consecutive.ts";
import { countRate } from "./count-rate.ts";
import { failureRate } from "./failure-rate.ts";
import { slowRate } from "./slow-rate.ts";

const slow = slowRate(0.5, { over: 100, window: 1_000, minimum: 2 });
const often = failureRate(0.5, { window: 1_000, minimum: 4 });

describe("a trip made of several", () => {
  for (const { name, run } of tripSuite(() => anyOf(often, consecutive(3))))
    it(name, run);

  it("trips when any of them does", () => {
    const inRow = anyOf(often, consecutive(2)).create();
    expect([inRow.failure(0, 0), inRow.failure(0, 0)]).toEqual([false, true]);
    const rate = anyOf(consecutive(9), often).create();
    for (let time = 0; time < 2; time++) rate.success(0, 0);
    expect([rate.failure(0, 0), rate.failure(0, 0)]).toEqual([false, true]);
  });

  it("shows every result to each, also after another has tripped", () => {
    const both = anyOf(consecutive(1), consecutive(2)).create();
    both.failure(0, 0);
    both.success(0, 0);
    both.failure(0, 0);
    expect(both.save?.(0)).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("reads as much as the one that reads most", () => {
    const last = countRate(1, { last: 2, minimum: 1 });
    expect(anyOf(consecutive(1), last).create().reads).toBe("nothing");
    expect(anyOf(consecutive(1), often).create().reads).toBe("now");
    expect(anyOf(often, slow).create().reads).toBe("elapsed");
  });

  it("watches calls under way for those that want it, and trips at the first moment any of them would", () => {
    expect(anyOf(consecutive(1), often).create().flights).toBeUndefined();
    const later = slowRate(1, { over: 300, window: "1s", minimum: 1 });
    const { flights } = anyOf(later, slow, consecutive(1)).create();
    const early = flights?.begin(0);
    const late = flights?.begin(20);
    expect(flights?.trippedMs(5_000)).toBe(120);
    flights?.end(early);
    flights?.end(late);
    flights?.begin(6_000);
    expect(flights?.trippedMs(6_299)).toBeUndefined();
    expect(flights?.trippedMs(6_300)).toBe(6_300);
  });

  it("takes a probe for slow if any of them does", () => {
    const window = anyOf(consecutive(1), slow).create();
    expect([window.isSlow?.(99), window.isSlow?.(100)]).toEqual([false, true]);
  });

  it("says all thresholds and what each has found", () => {
    const window = anyOf(often, slow).create();
    window.failure(0, 150);
    expect(window.describe?.(0)).toMatchObject({
      text: "50 % failures among at least 4 results in 1000 ms or 50 % calls of 100 ms or longer among at least 2 in 1000 ms",
      found: "1 of 1 calls failed, 1 of 1 calls took 100 ms or longer",
      data: { anyOf: [{ failureRate: 0.5 }, { slowRate: 0.5 }] },
    });
  });

  it("needs trips", () => {
    expect(() => anyOf()).toThrow("anyOf must be at least one trip");
    expect(() => anyOf(5 as never)).toThrow("anyOf must be a trip, got 5");
  });
});
