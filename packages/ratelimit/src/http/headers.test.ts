import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { rateLimitHeaders, rateLimitLines } from "./headers.ts";

const limiterOf = (limit: number, per: number, burst?: number) =>
  createLimiter({
    policies: { api: tokenBucket({ limit, per, burst }) },
    clock: new ManualClock(),
  });

describe("rateLimitHeaders", () => {
  it("lists every limit, with quota and window, remaining units and effective window", () => {
    const limiter = createLimiter({
      policies: {
        burst: tokenBucket({ limit: 100, per: "1m" }),
        daily: tokenBucket({ limit: 1000, per: "1d" }),
      },
      clock: new ManualClock(),
    });
    expect(rateLimitHeaders(limiter.takeSync("ann", 10))).toEqual({
      "RateLimit-Policy": '"burst";q=100;w=60, "daily";q=1000;w=86400',
      RateLimit: '"burst";r=90;t=54, "daily";r=990;t=85536',
    });
  });

  it("adds Retry-After in whole seconds, rounded up, to a refusal", () => {
    const limiter = limiterOf(2, 5000);
    limiter.takeSync("ann", 2);
    expect(rateLimitHeaders(limiter.takeSync("ann"))).toEqual({
      "RateLimit-Policy": '"api";q=2;w=5',
      RateLimit: '"api";r=0;t=3',
      "Retry-After": "3",
    });
  });

  it("promises no time to retry what is never allowed", () => {
    const headers = rateLimitHeaders(limiterOf(2, 5000).takeSync("ann", 3));
    expect(headers).not.toHaveProperty("Retry-After");
    expect(headers.RateLimit).toBe('"api";r=2;t=5');
  });

  it("leaves out a window that is no whole number of seconds", () => {
    const decision = limiterOf(2, 1500).takeSync("ann");
    expect(rateLimitHeaders(decision)["RateLimit-Policy"]).toBe('"api";q=2');
  });

  it("tells the time until the next unit when asked for draft 10", () => {
    const decision = limiterOf(10, 60_000).takeSync("ann", 4);
    expect(rateLimitHeaders(decision, { draft: 10 }).RateLimit).toBe(
      '"api";r=6;t=6',
    );
    expect(rateLimitHeaders(decision, { draft: 11 }).RateLimit).toBe(
      '"api";r=6;t=36',
    );
  });

  it("does not tell of limits in shadow", () => {
    const policies = {
      seen: tokenBucket({ limit: 2, per: "1s" }),
      unseen: tokenBucket({ limit: 1, per: "1s" }),
    };
    const some = createLimiter({ policies, shadow: ["unseen"] });
    expect(rateLimitHeaders(some.takeSync("ann")).RateLimit).not.toContain(
      "unseen",
    );
    const all = createLimiter({ policies, shadow: ["seen", "unseen"] });
    expect(rateLimitHeaders(all.takeSync("ann"))).toEqual({});
  });

  it("quotes names as strings of structured fields", () => {
    const limiter = createLimiter({
      policies: { 'a "b" \\c': tokenBucket({ limit: 1, per: "1s" }) },
    });
    expect(rateLimitHeaders(limiter.takeSync("x")).RateLimit).toBe(
      String.raw`"a \"b\" \\c";r=0;t=1`,
    );
  });

  it("never promises more than the rate, nor a Retry-After that is too early", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }),
        (limit, seconds, costs) => {
          const limiter = limiterOf(limit, seconds * 1000);
          for (const cost of costs) {
            const decision = limiter.takeSync("ann", cost);
            const headers = rateLimitHeaders(decision);
            const [, r = "", t = ""] =
              /r=(\d+);t=(\d+)$/.exec(headers.RateLimit ?? "") ?? [];
            expect(Number(r) * seconds).toBeLessThanOrEqual(Number(t) * limit);
            if (!decision.allowed && decision.retryAfterMs !== null) {
              expect(Number(headers["Retry-After"])).toBeGreaterThanOrEqual(
                decision.retryAfterMs / 1000,
              );
              expect(headers["Retry-After"]).toMatch(/^[1-9]\d*$/);
            }
          }
        },
      ),
      { seed: 6 },
    );
  });

  const states = {
    rested: { remaining: 100, resetAfterMs: 0, retryAfterMs: 0 },
    spending: { remaining: 40, resetAfterMs: 36_000, retryAfterMs: 0 },
    "waiting for a window": {
      remaining: 0,
      resetAfterMs: 37_300,
      retryAfterMs: 37_300,
    },
    "used up": { remaining: 0, resetAfterMs: 60_000, retryAfterMs: 600 },
  };
  it.each([
    [10, "rested", '"api";r=100;t=0'],
    [10, "spending", '"api";r=40;t=1'],
    [10, "used up", '"api";r=0;t=1'],
    [10, "waiting for a window", '"api";r=0;t=38'],
    [11, "waiting for a window", '"api";r=0;t=38'],
    [11, "rested", '"api";r=100;t=60'],
    [11, "spending", '"api";r=40;t=24'],
    [11, "used up", '"api";r=0;t=1'],
  ] as const)("writes in draft %i for a %s client %s", (draft, who, value) => {
    const decision = {
      allowed: true,
      source: "store",
      limits: { api: { limit: 100, periodMs: 60_000, ...states[who] } },
      ...states[who],
    } as const;
    expect(rateLimitHeaders(decision, { draft })).toEqual({
      "RateLimit-Policy": '"api";q=100;w=60',
      RateLimit: value,
    });
    expect(rateLimitLines(decision, { draft })).toBe(
      `RateLimit-Policy: "api";q=100;w=60\r\nRateLimit: ${value}\r\n`,
    );
  });

  it("writes no integer that a structured field cannot hold", () => {
    const decision = limiterOf(9e15, 1).takeSync("ann");
    expect(rateLimitHeaders(decision)).toEqual({
      "RateLimit-Policy": '"api";q=999999999999999',
      RateLimit: '"api";r=999999999999999;t=1',
    });
  });

  it("refuses an unknown draft", () => {
    const decision = limiterOf(1, 1000).takeSync("ann");
    expect(() => rateLimitHeaders(decision, { draft: 9 as 10 })).toThrow(
      expect.objectContaining({ option: "draft" }),
    );
  });
});

describe("rateLimitLines", () => {
  it("is the same fields as lines of a head", () => {
    const limiter = limiterOf(1, 1000);
    limiter.takeSync("ann");
    const decision = limiter.takeSync("ann");
    const lines = Object.entries(rateLimitHeaders(decision)).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    expect(lines).toHaveLength(3);
    expect(rateLimitLines(decision)).toBe(lines.join(""));
  });
});
