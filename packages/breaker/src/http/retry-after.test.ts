import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const nowMs = Date.UTC(2026, 5, 1, 12);
const parse = (field: string, date?: string): number | undefined =>
  retryAfterMs(field, date, () => nowMs);
const inSeconds = (seconds: number): string =>
  new Date(nowMs + seconds * 1_000).toUTCString();

describe("a Retry-After field", () => {
  it("asks for seconds", () => {
    expect(parse("0")).toBe(0);
    expect(parse("120")).toBe(120_000);
    expect(parse(" 7 ")).toBe(7_000);
  });

  it("asks for the time until a date, by the server's own clock where it tells that", () => {
    expect(parse(inSeconds(30))).toBe(30_000);
    expect(parse(inSeconds(30), inSeconds(20))).toBe(10_000);
    expect(parse(inSeconds(30), "no date")).toBe(30_000);
  });

  it("asks for no wait when it lies in the past", () => {
    expect(parse("-3")).toBe(0);
    expect(parse(inSeconds(-30))).toBe(0);
  });

  it("says nothing when it is neither", () => {
    for (const field of ["", "soon", "1.5", "1e3", "0x10", "Infinity", "NaN"])
      expect(parse(field)).toBeUndefined();
  });

  it("always gives a finite time that is not negative, or nothing", () => {
    const field = fc.oneof(
      fc.string(),
      fc.bigInt().map(String),
      fc.integer({ min: 1, max: 500 }).map((length) => "9".repeat(length)),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(field, field, (asked, date) => {
        const ms = parse(asked, date);
        if (ms === undefined) return;
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(2 ** 31 * 86_400_000);
      }),
    );
  });
});
