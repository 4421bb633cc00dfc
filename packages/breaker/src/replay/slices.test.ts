import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Slices } from "./slices.ts";

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

const span = fc.tuple(fc.nat(50_000), fc.nat(5_000));

describe("slices of time", () => {
  it("hold what a list of all spans and moments would", () => {
    fc.assert(
      fc.property(fc.array(span), fc.nat(9), (spans, startMs) => {
        const [time, moments] = [new Slices(startMs), new Slices(startMs)];
        for (const [offset, lengthMs] of spans) {
          const fromMs = startMs + offset;
          time.addSpan(fromMs, fromMs + lengthMs);
          moments.add(fromMs, 1);
        }
        const endMs = startMs + 60_000;
        const { widthMs, amounts } = time.until(endMs);
        expect(widthMs).toBe(64);
        expect(amounts).toHaveLength(938);
        const overlap = (fromMs: number): number =>
          sum(
            spans.map(([offset, lengthMs]) =>
              Math.max(
                0,
                Math.min(offset + lengthMs, fromMs + widthMs) -
                  Math.max(offset, fromMs),
              ),
            ),
          );
        expect(amounts).toEqual(
          amounts.map((_, place) => overlap(place * widthMs)),
        );
        expect(moments.until(endMs).amounts).toEqual(
          amounts.map(
            (_, place) =>
              spans.filter(([offset]) => Math.floor(offset / widthMs) === place)
                .length,
          ),
        );
      }),
    );
  });

  it("put what happens at the very end into the last one", () => {
    for (const endMs of [1, 10, 1_023, 1_024, 4_096]) {
      const slices = new Slices(0);
      slices.add(endMs, 1);
      expect(slices.until(endMs).amounts.at(-1)).toBe(1);
    }
  });

  it("are one for a moment, and at most 1024 for the time since 1970", () => {
    const slices = new Slices(5);
    slices.add(5, 2);
    expect(slices.until(5)).toEqual({ widthMs: 1, amounts: [2] });
    slices.addSpan(5, 1.8e12);
    const { amounts } = slices.until(1.8e12);
    expect(amounts.length).toBeLessThanOrEqual(1_024);
    expect(sum(amounts)).toBeCloseTo(1.8e12 - 3);
  });
});
