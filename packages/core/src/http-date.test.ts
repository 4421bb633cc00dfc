import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpDateMs } from "./http-date.ts";

const nowMs = Date.UTC(2026, 5, 1);

describe("an HTTP-date", () => {
  it("is understood in all three forms", () => {
    const expected = Date.UTC(1994, 10, 6, 8, 49, 37);
    for (const text of [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    ])
      expect(httpDateMs(text, nowMs)).toBe(expected);
    expect(httpDateMs("Wed Nov 16 08:49:37 1994", nowMs)).toBe(
      Date.UTC(1994, 10, 16, 8, 49, 37),
    );
  });

  it("with a year of two digits is at most fifty years away", () => {
    const yearOf = (digits: string): number =>
      new Date(
        httpDateMs(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, nowMs)!,
      ).getUTCFullYear();
    expect(["00", "26", "76", "77", "99"].map(yearOf)).toEqual([
      2000, 2026, 2076, 1977, 1999,
    ]);
  });

  it("is what JavaScript's own toUTCString writes, for every second of four-digit years", () => {
    fc.assert(
      fc.property(
        fc.integer({
          min: Date.UTC(1000, 0) / 1_000,
          max: Date.UTC(10_000, 0) / 1_000 - 1,
        }),
        (seconds) => {
          const text = new Date(seconds * 1_000).toUTCString();
          expect(httpDateMs(text, nowMs)).toBe(seconds * 1_000);
        },
      ),
    );
  });

  it("is nothing else that JavaScript takes for a date", () => {
    for (const text of [
      "",
      "1.5",
      "2026-06-01",
      "2026-06-01T00:00:00Z",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 CET",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 32 Nov 1994 08:49:37 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT",
      "tomorrow",
    ])
      expect(httpDateMs(text, nowMs)).toBeUndefined();
  });
});
