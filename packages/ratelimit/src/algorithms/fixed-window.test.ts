import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demands, intervals, saturate, takesOf } from "../../test/takes.ts";
import { fixedWindow } from "./fixed-window.ts";

const second = 1_000_000;

describe("a fixed window", () => {
  it("begins with the first take and frees everything at its end", () => {
    const policy = fixedWindow({ limit: 3, per: "1s" });
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, 0);
    policy.charge(cells, 0, 0.7 * second, 2);
    expect(policy.describe(cells, 0, 0.9 * second, 2)).toEqual({
      limit: 3,
      remaining: 1,
      resetAfterMs: 800,
      retryAfterMs: 800,
      periodMs: 1000,
    });
    expect(policy.describe(cells, 0, 1.7 * second, 3)).toEqual({
      limit: 3,
      remaining: 3,
      resetAfterMs: 0,
      retryAfterMs: 0,
      periodMs: 1000,
    });
  });

  it("carries what was forced above the limit into the next window", () => {
    const policy = fixedWindow({ limit: 3, per: "1s" });
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, 0);
    policy.force(cells, 0, 0, 5);
    expect(policy.wait(cells, 0, 0, 1)).toBe(second);
    expect(policy.wait(cells, 0, 0, 2)).toBe(2 * second);
    expect(policy.describe(cells, 0, second, 1)).toMatchObject({
      remaining: 1,
      resetAfterMs: 1000,
    });
    expect(policy.describe(cells, 0, 2 * second, 1).remaining).toBe(3);
  });

  it("admits the limit in every window for a million seconds", () => {
    const policy = fixedWindow({ limit: 3, per: "1s" });
    expect(saturate(policy, 1, 1e6 * second)).toBe(3_000_003);
  });

  it("admits less than twice the limit in any period", () => {
    fc.assert(
      fc.property(demands, ({ limit, periodUs, asks }) => {
        const policy = fixedWindow({ limit, per: periodUs / 1000 });
        for (const { lengthUs, units } of intervals(takesOf(policy, asks))) {
          const windows = 1 + Math.ceil(lengthUs / periodUs);
          expect(units).toBeLessThanOrEqual(windows * limit);
          if (lengthUs < periodUs)
            expect(units).toBeLessThanOrEqual(2 * limit - 1);
        }
      }),
      { numRuns: 500, seed: 31 },
    );
  });

  it("admits twice the limit less one just before and at its end: that is its weakness", () => {
    const policy = fixedWindow({ limit: 10, per: "1s" });
    const takes = takesOf(policy, [
      [0, 1, false],
      [second - 1, 9, false],
      [1, 10, false],
    ]);
    expect([...intervals(takes)]).toContainEqual({ lengthUs: 1, units: 19 });
  });
});

describe("a fixed window aligned to UTC", () => {
  const policy = fixedWindow({ limit: 2, per: "1d", align: "utc" });
  const midnight = Date.UTC(2026, 2, 29) * 1000;

  it("counts by the time of day", () => {
    expect(policy.time).toBe("wall");
    expect(fixedWindow({ limit: 2, per: "1d" }).time).toBeUndefined();
    expect(policy.identity).not.toBe(
      fixedWindow({ limit: 2, per: "1d" }).identity,
    );
  });

  it("ends at midnight", () => {
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, midnight - 5 * second);
    policy.charge(cells, 0, midnight - 5 * second, 2);
    expect(policy.wait(cells, 0, midnight - 3 * second, 1)).toBe(3 * second);
    policy.charge(cells, 0, midnight, 2);
    expect(policy.wait(cells, 0, midnight, 1)).toBe(86_400 * second);
  });

  it("admits at most the limit in each of its windows", () => {
    fc.assert(
      fc.property(demands, ({ limit, periodUs, asks }) => {
        const options = { limit, per: periodUs / 1000, align: "utc" } as const;
        const units = new Map<number, number>();
        for (const { at, cost } of takesOf(fixedWindow(options), asks)) {
          const window = Math.floor(at / periodUs);
          units.set(window, (units.get(window) ?? 0) + cost);
        }
        for (const sum of units.values())
          expect(sum).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 300, seed: 32 },
    );
  });
});

describe("fixedWindow", () => {
  it.each([
    ["limit", { limit: 0, per: "1s" }],
    ["limit", { limit: 2 ** 52 + 1, per: "1s" }],
    ["per", { limit: 1, per: 0 }],
    ["per", { limit: 1, per: "30000d" }],
    ["align", { limit: 1, per: "1s", align: "local" as "utc" }],
  ] as const)("refuses a bad %s", (option, options) => {
    expect(() => fixedWindow(options)).toThrow(
      expect.objectContaining({ code: "DP_INVALID_OPTION", option }),
    );
  });

  it("takes undefined as not given", () => {
    const { identity } = fixedWindow({ limit: 1, per: "1s", align: undefined });
    expect(identity).toBe(
      fixedWindow({ limit: 1, per: 1000, align: "first-hit" }).identity,
    );
  });
});
