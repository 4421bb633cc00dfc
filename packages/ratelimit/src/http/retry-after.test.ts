import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRetryAfter } from "./retry-after.ts";

const nowMs = Date.UTC(2026, 5, 1);
const after = (field: string, date?: string): number | undefined =>
  readRetryAfter(field, date, nowMs);

describe("Retry-After", () => {
  it("may be whole seconds", () => {
    expect(after("0")).toBe(0);
    expect(after("120")).toBe(120_000);
  });

  it("may be a date, as far away as the server's own clock says", () => {
    expect(after("Mon, 01 Jun 2026 00:01:00 GMT")).toBe(60_000);
    const date = "Mon, 01 Jun 2026 00:00:50 GMT";
    expect(after("Mon, 01 Jun 2026 00:01:00 GMT", date)).toBe(10_000);
    expect(after("Mon, 01 Jun 2026 00:01:00 GMT", "yesterday")).toBe(60_000);
  });

  it("may be a date in the two obsolete forms", () => {
    expect(after("Monday, 01-Jun-26 00:01:00 GMT")).toBe(60_000);
    expect(after("Mon Jun  1 00:01:00 2026")).toBe(60_000);
    expect(after("Tue Jun 16 00:00:00 2026")).toBe(15 * 86_400_000);
    const fifty = Date.UTC(2076, 5, 1) - nowMs;
    expect(after("Monday, 01-Jun-76 00:00:00 GMT")).toBe(fifty);
    expect(after("Monday, 01-Jun-77 00:00:00 GMT")).toBe(0);
  });

  it("is no time in the past, and none that cannot be counted", () => {
    expect(after("Sun, 06 Nov 1994 08:49:37 GMT")).toBe(0);
    expect(Number.isSafeInteger(after("9".repeat(400)))).toBe(true);
  });

  it("understands every date that JavaScript writes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Date.UTC(10_000, 0) / 1000 - 1 }),
        (seconds) => {
          const written = new Date(seconds * 1000).toUTCString();
          expect(readRetryAfter(written, undefined, 0)).toBe(seconds * 1000);
        },
      ),
      { seed: 4 },
    );
  });

  it.each([
    "",
    "-1",
    "1.5",
    "+1",
    "1 s",
    "soon",
    "2026-06-01T00:00:00Z",
    "Mon, 1 Jun 2026 00:01:00 GMT",
    "Mon, 01 Jun 2026 00:01:00 CET",
    "Mon, 32 Jun 2026 00:01:00 GMT",
    "Mon, 00 Jun 2026 00:01:00 GMT",
    "Mon, 01 Foo 2026 00:01:00 GMT",
    "Mon, 01 Jun 2026 24:01:00 GMT",
    "Mon, 01 Jun 2026 00:60:00 GMT",
  ])("is nothing if it is %j", (field) => {
    expect(after(field)).toBeUndefined();
  });
});
