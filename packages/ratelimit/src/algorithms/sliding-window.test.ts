import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demands, intervals, saturate, takesOf } from "../../test/takes.ts";
import { slidingWindow } from "./sliding-window.ts";

const second = 1_000_000;

describe("a sliding window", () => {
  it("lets the window before fade out over the one at hand", () => {
    const policy = slidingWindow({ limit: 10, per: "1s" });
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, 0);
    policy.charge(cells, 0, 0.9 * second, 10);
    expect(policy.describe(cells, 0, 0.9 * second, 1)).toEqual({
      limit: 10,
      remaining: 0,
      resetAfterMs: 1100,
      retryAfterMs: 200,
      periodMs: 1000,
    });
    expect(policy.describe(cells, 0, 1.25 * second, 3)).toEqual({
      limit: 10,
      remaining: 2,
      resetAfterMs: 750,
      retryAfterMs: 50,
      periodMs: 1000,
    });
    expect(policy.describe(cells, 0, 2 * second, 1).remaining).toBe(10);
  });

  it("pays debt in the next window", () => {
    const policy = slidingWindow({ limit: 10, per: "1s" });
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, 0);
    policy.force(cells, 0, 0, 1000);
    expect(policy.describe(cells, 0, 0, 1)).toMatchObject({
      remaining: 0,
      resetAfterMs: 2000,
      retryAfterMs: 1550,
    });
  });

  it("admits limit + limit x time at most over every interval, and less than twice the limit in a period", () => {
    fc.assert(
      fc.property(demands, ({ limit, periodUs, asks }) => {
        const policy = slidingWindow({ limit, per: periodUs / 1000 });
        for (const { lengthUs, units } of intervals(takesOf(policy, asks))) {
          expect(units * periodUs).toBeLessThanOrEqual(
            limit * (periodUs + lengthUs),
          );
          if (lengthUs <= periodUs) expect(units).toBeLessThan(2 * limit);
        }
      }),
      { numRuns: 500, seed: 41 },
    );
  });

  it.each([
    [1, 1 + 500_000],
    [3, 3 + 2 * 999_999 + 1],
    [7, 7 + 6 * 999_999 + 1],
  ])(
    "admits one less than a limit of %i a second, taken one by one, for a million seconds",
    (limit, admitted) => {
      const policy = slidingWindow({ limit, per: "1s" });
      expect(saturate(policy, 1, 1e6 * second)).toBe(admitted);
    },
  );

  it("admits every other second the whole limit at once", () => {
    const policy = slidingWindow({ limit: 700_000, per: "1s" });
    expect(saturate(policy, 700_000, 1e6 * second)).toBe(700_000 * 500_001);
  });
});

describe("slidingWindow", () => {
  it("counts in microseconds while limit x per fits in 2^53 - 1 of them, and in milliseconds above", () => {
    expect(slidingWindow({ limit: 104_249, per: "1d" }).unitsPerMs).toBe(1000);
    expect(slidingWindow({ limit: 104_250, per: "1d" }).unitsPerMs).toBe(1);
    expect(slidingWindow({ limit: 3_474_999, per: "30d" }).unitsPerMs).toBe(1);
  });

  it("refuses what it cannot count exactly, and names the bound", () => {
    expect(() => slidingWindow({ limit: 3_475_000, per: "30d" })).toThrow(
      expect.objectContaining({
        option: "limit",
        bound: expect.stringContaining("3474999") as string,
      }),
    );
  });

  it.each([
    ["limit", { limit: 0, per: "1s" }],
    ["limit", { limit: 1.5, per: "1s" }],
    ["per", { limit: 1, per: 0 }],
    ["per", { limit: 1, per: Infinity }],
  ] as const)("refuses a bad %s", (option, options) => {
    expect(() => slidingWindow(options)).toThrow(
      expect.objectContaining({ code: "DP_INVALID_OPTION", option }),
    );
  });
});
