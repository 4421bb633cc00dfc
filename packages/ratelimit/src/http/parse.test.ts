import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { rateLimitHeaders } from "./headers.ts";
import { parseRateLimit } from "./parse.ts";

const api = (remaining: number, resetAfterMs?: number) => ({
  limits: [{ name: "api", remaining, resetAfterMs }],
});
const unnamed = (remaining: number, resetAfterMs?: number) => ({
  limits: [{ name: "default", remaining, resetAfterMs }],
});
const nothing = { limits: [] };

describe("parseRateLimit", () => {
  it("reads the fields from whatever holds them", () => {
    const told = { ...api(5, 30_000), retryAfterMs: 7000 };
    const value = '"api";r=5;t=30';
    expect(
      parseRateLimit(new Headers({ RateLimit: value, "Retry-After": "7" })),
    ).toEqual(told);
    expect(parseRateLimit({ ratelimit: value, "retry-after": "7" })).toEqual(
      told,
    );
    expect(
      parseRateLimit({ RateLimit: [value], "RETRY-AFTER": 7, via: undefined }),
    ).toEqual(told);
    expect(
      parseRateLimit(
        new Map([
          ["RateLimit", ` ${value} `],
          ["Retry-After", "7"],
        ]),
      ),
    ).toEqual(told);
    expect(parseRateLimit({})).toEqual(nothing);
  });

  it("reads all limits, also from several lines", () => {
    const two = {
      limits: [
        { name: 'the "burst"', remaining: 5, resetAfterMs: 1000 },
        { name: "day", remaining: 900 },
      ],
    };
    const lines = [String.raw`"the \"burst\"";r=5;t=1`, '"day";r=900'];
    expect(parseRateLimit({ ratelimit: lines })).toEqual(two);
    expect(
      parseRateLimit(lines.map((line) => ["RateLimit", line] as const)),
    ).toEqual(two);
  });

  it("passes over parameters it does not know, and reads the proposed names", () => {
    expect(
      parseRateLimit({ ratelimit: '"api";pk=:cHsd:;r=5;acme-x=1;t=30;w=9' }),
    ).toEqual(api(5, 30_000));
    expect(
      parseRateLimit({ ratelimit: '"api";a=99;w=60;c=1;pk=:R0VU:' }),
    ).toEqual(api(99, 60_000));
    expect(parseRateLimit({ ratelimit: '"api";a=99;t=60' })).toEqual(api(99));
  });

  it.each([
    '"api";t=5',
    '"api"',
    "api;r=5",
    '"api";r=-1',
    '"api";r=5;t=-1',
    '"api";r=5.0',
    '"api";r="5"',
    '"api";r=5, "b"',
    '"api";r=5,',
    "5",
  ])("ignores all of the malformed field %s", (ratelimit) => {
    expect(parseRateLimit({ ratelimit })).toEqual(nothing);
    expect(parseRateLimit({ ratelimit, "x-ratelimit-remaining": "3" })).toEqual(
      unnamed(3),
    );
  });

  it("reads the dictionary of draft 07", () => {
    expect(
      parseRateLimit({ ratelimit: "limit=10, remaining=9, reset=60" }),
    ).toEqual(unnamed(9, 60_000));
    expect(parseRateLimit({ ratelimit: "limit=10,remaining=9" })).toEqual(
      unnamed(9),
    );
    expect(parseRateLimit({ ratelimit: "limit=10, remaining=x" })).toEqual(
      nothing,
    );
  });

  it("reads the three fields of the drafts before", () => {
    expect(
      parseRateLimit({
        "ratelimit-limit": "100, 100;w=60",
        "ratelimit-remaining": "40",
        "ratelimit-reset": "12",
      }),
    ).toEqual(unnamed(40, 12_000));
  });

  it("reads X-RateLimit with a reset in seconds, epoch seconds, epoch milliseconds", async () => {
    const clock = new ManualClock();
    clock.jumpWall(Date.UTC(2026, 5, 1));
    const read = (reset: string, more: Record<string, string> = {}): unknown =>
      parseRateLimit(
        { "x-ratelimit-remaining": "4", "x-ratelimit-reset": reset, ...more },
        { clock },
      );
    const atMs = Date.UTC(2026, 5, 1, 0, 1);
    expect(read("60")).toEqual(unnamed(4, 60_000));
    expect(read("1.5")).toEqual(unnamed(4, 1500));
    expect(read(String(atMs / 1000))).toEqual(unnamed(4, 60_000));
    expect(read(String(atMs))).toEqual(unnamed(4, 60_000));
    const date = "Mon, 01 Jun 2026 00:00:50 GMT";
    expect(read(String(atMs / 1000), { date })).toEqual(unnamed(4, 10_000));
    await clock.advance(3_600_000);
    expect(read(String(atMs / 1000))).toEqual(unnamed(4, 0));
    expect(read("tomorrow")).toEqual(unnamed(4));
    expect(read("60", { "x-ratelimit-reset-after": "2.5" })).toEqual(
      unnamed(4, 2500),
    );
    expect(parseRateLimit({ "x-rate-limit-remaining": "8" })).toEqual(
      unnamed(8),
    );
  });

  it("compares a Retry-After date with the response's own Date, else with the clock", () => {
    const clock = new ManualClock();
    clock.jumpWall(Date.UTC(2026, 5, 1));
    const after = { "retry-after": "Mon, 01 Jun 2026 00:01:00 GMT" };
    const date = "Mon, 01 Jun 2026 00:00:50 GMT";
    expect(parseRateLimit({ ...after, date }).retryAfterMs).toBe(10_000);
    expect(parseRateLimit(after, { clock }).retryAfterMs).toBe(60_000);
    expect(parseRateLimit({ "retry-after": "soon" })).toEqual(nothing);
  });

  it("reads back what rateLimitHeaders writes", () => {
    const printable = fc.string({
      minLength: 1,
      unit: fc
        .integer({ min: 32, max: 126 })
        .map((code) => String.fromCharCode(code)),
    });
    const limit = fc.record({
      limit: fc.integer({ min: 1, max: 1e6 }),
      per: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(
        fc.dictionary(printable, limit, {
          minKeys: 1,
          maxKeys: 4,
          noNullPrototype: true,
        }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(10 as const, 11 as const),
        (rates, cost, draft) => {
          fc.pre(!Object.hasOwn(rates, "__proto__"));
          const policies = Object.fromEntries(
            Object.entries(rates).map(([name, rate]) => [
              name,
              tokenBucket(rate),
            ]),
          );
          const limiter = createLimiter({ policies, clock: new ManualClock() });
          limiter.takeSync("ann", Math.ceil(cost / 2));
          const decision = limiter.takeSync("ann", cost);
          const headers = rateLimitHeaders(decision, { draft });
          const told = parseRateLimit(headers);
          expect(told.limits.map(({ name }) => name)).toEqual(
            Object.keys(decision.limits),
          );
          for (const { name, remaining, resetAfterMs } of told.limits) {
            expect(remaining).toBe(decision.limits[name]?.remaining);
            expect(headers.RateLimit).toContain(
              `;t=${(resetAfterMs ?? -1) / 1000}`,
            );
          }
          const waitMs = decision.allowed ? null : decision.retryAfterMs;
          expect(told.retryAfterMs).toBe(
            waitMs === null ? undefined : Math.ceil(waitMs / 1000) * 1000,
          );
        },
      ),
      { seed: 12 },
    );
  });

  it("throws for no text", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom(
        '"',
        "\\",
        ";r=",
        ";t=",
        "1",
        ",",
        "(",
        ":",
        "%",
        "@",
        "=",
        " ",
      ),
    );
    const text = fc.array(piece, { maxLength: 40 }).map((all) => all.join(""));
    const name = fc.constantFrom(
      "ratelimit",
      "ratelimit-remaining",
      "x-ratelimit-remaining",
      "x-ratelimit-reset",
      "retry-after",
      "date",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text), { maxLength: 6 }), (pairs) => {
        const { limits, retryAfterMs = 0 } = parseRateLimit(pairs);
        expect(retryAfterMs).toBeGreaterThanOrEqual(0);
        for (const { remaining, resetAfterMs = 0 } of limits) {
          expect(Number.isSafeInteger(remaining)).toBe(true);
          expect(remaining).toBeGreaterThanOrEqual(0);
          expect(resetAfterMs).toBeGreaterThanOrEqual(0);
          expect(resetAfterMs).toBeLessThan(Infinity);
        }
      }),
      { seed: 9, numRuns: 2000 },
    );
  });

  it.each([
    '"',
    '"a";r=1,',
    '"\\\\',
    " ",
    "9",
    '"a";r=1;',
    "a=1,",
    ":A",
    "\t,",
  ])(
    "reads a megabyte of %j without effort or harm",
    (piece) => {
      const text = piece.repeat(1_000_000 / piece.length);
      const fields = { ratelimit: text, date: text, "x-ratelimit-reset": text };
      expect(
        parseRateLimit({ ...fields, "ratelimit-remaining": text }),
      ).toEqual(nothing);
      // Short enough to be looked at to the end.
      expect(
        parseRateLimit({ ratelimit: text.slice(0, 65_000) }).limits,
      ).toEqual([]);
    },
    2000,
  );
});
