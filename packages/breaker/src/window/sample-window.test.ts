import { describe, expect, it } from "vitest";
import { SampleWindow } from "./sample-window.ts";

const call = { rttMs: 10, inFlight: 5, dropped: false };

describe("a window of samples", () => {
  it("ends when its time is over and ten calls are in it", () => {
    const window = new SampleWindow(100);
    for (let now = 0; now < 90; now += 10)
      expect(window.add(call, now)).toBeUndefined();
    expect(window.add(call, 99)).toBeUndefined();
    expect(window.add(call, 100)).toEqual(call);
    // The next one begins with the next call, however late that comes.
    for (let count = 0; count < 10; count++)
      expect(window.add(call, 500)).toBeUndefined();
    expect(window.add(call, 600)).toEqual(call);
  });

  it("gives the mean time of those that were not dropped, and the most in flight", () => {
    const window = new SampleWindow(1);
    for (let count = 0; count < 19; count++)
      window.add(
        { rttMs: count < 9 ? 20 : 10, inFlight: count, dropped: false },
        0,
      );
    const sample = window.add({ rttMs: 9_000, inFlight: 1, dropped: true }, 1);
    expect(sample).toEqual({
      rttMs: (9 * 20 + 10 * 10) / 19,
      inFlight: 18,
      dropped: false,
    });
  });

  it("counts as dropped as often as its calls are", () => {
    const window = new SampleWindow(1);
    let now = 0;
    const shareOf = (drops: number): number => {
      let dropped = 0;
      for (let windows = 0; windows < 80; windows++) {
        now++;
        for (let count = 1; count < 16; count++)
          window.add({ ...call, dropped: count <= drops }, now);
        const last = { ...call, dropped: drops === 16 };
        if (window.add(last, now + 1)?.dropped === true) dropped++;
      }
      return dropped / 80;
    };
    expect([0, 2, 8, 16].map(shareOf)).toEqual([0, 0.125, 0.5, 1]);
  });

  it("gives the time of the last call when all were dropped", () => {
    const window = new SampleWindow(1);
    const dropped = { ...call, dropped: true };
    for (let count = 0; count < 9; count++) window.add(dropped, 0);
    expect(window.add({ ...dropped, rttMs: 7 }, 1)).toMatchObject({
      rttMs: 7,
      dropped: true,
    });
  });
});
