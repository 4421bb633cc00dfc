import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ticksOf } from "./axis.ts";

const labels = (fromMs: number, toMs: number): string[] =>
  ticksOf(fromMs, toMs, 6).map(({ label }) => label);

const moment = fc.oneof(
  fc.nat(10_000_000).map((eighths) => eighths / 8),
  fc.nat(8.64e15),
);

describe("the marks of a time axis", () => {
  it("stand at round times", () => {
    const fromMs = Date.UTC(2026, 10, 27, 14, 53, 20);
    expect(labels(fromMs, fromMs + 3_600_000)).toEqual([
      ...["15:00", "15:15", "15:30", "15:45"],
    ]);
    expect(labels(fromMs, fromMs + 86_400_000)).toEqual([
      ...["11-27 18:00", "11-28 00:00", "11-28 06:00", "11-28 12:00"],
    ]);
    expect(labels(0, 10_000)).toEqual([
      ...["0:00:00", "0:00:02", "0:00:04", "0:00:06", "0:00:08", "0:00:10"],
    ]);
    expect(labels(0.2, 0.4)).toEqual(["0:00:00.000"]);
  });

  it("are at least one and not too many, in order and inside, for any stretch", () => {
    fc.assert(
      fc.property(
        moment,
        moment,
        fc.integer({ min: 2, max: 12 }),
        (one, other, most) => {
          const [fromMs, toMs] = [Math.min(one, other), Math.max(one, other)];
          const times = ticksOf(fromMs, toMs, most).map(({ atMs }) => atMs);
          expect(times.length).toBeGreaterThan(0);
          expect(times.length).toBeLessThanOrEqual(most);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
          expect(times.every((ms) => ms >= fromMs && ms <= toMs)).toBe(true);
        },
      ),
    );
  });
});
