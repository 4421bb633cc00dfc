import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demands, intervals, saturate, takesOf } from "../../test/takes.ts";
import { slidingLog } from "./sliding-log.ts";

const second = 1_000_000;

describe("a sliding log", () => {
  it("frees each unit one period after it was taken", () => {
    const policy = slidingLog({ limit: 5, per: "1s" });
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, 0);
    policy.charge(cells, 0, 0.2 * second, 3);
    policy.charge(cells, 0, 0.6 * second, 2);
    expect(policy.describe(cells, 0, 0.7 * second, 1)).toEqual({
      limit: 5,
      remaining: 0,
      resetAfterMs: 900,
      retryAfterMs: 500,
      periodMs: 1000,
    });
    expect(policy.describe(cells, 0, 1.2 * second, 4)).toEqual({
      limit: 5,
      remaining: 3,
      resetAfterMs: 400,
      retryAfterMs: 400,
      periodMs: 1000,
    });
  });

  it("pays debt by waiting: a unit forced counts from when it would have been allowed", () => {
    const policy = slidingLog({ limit: 2, per: "1s" });
    const cells = new Float64Array(policy.width);
    policy.start(cells, 0, 0);
    policy.charge(cells, 0, 0, 1);
    policy.charge(cells, 0, 0.4 * second, 1);
    policy.force(cells, 0, 0.5 * second, 1);
    expect(policy.wait(cells, 0, 0.5 * second, 1)).toBe(0.9 * second);
    policy.force(cells, 0, 0.5 * second, 1000);
    expect(policy.wait(cells, 0, 0.5 * second, 1)).toBe(1.5 * second);
    expect(policy.describe(cells, 0, 0.5 * second, 1).resetAfterMs).toBe(1900);
  });

  it("admits the limit at most in every period, whatever its begin", () => {
    fc.assert(
      fc.property(demands, ({ limit, periodUs, asks }) => {
        const policy = slidingLog({ limit, per: periodUs / 1000 });
        for (const { lengthUs, units } of intervals(takesOf(policy, asks)))
          expect(units).toBeLessThanOrEqual(
            limit * (1 + Math.floor(lengthUs / periodUs)),
          );
      }),
      { numRuns: 500, seed: 51 },
    );
  });

  it("refuses only what would be more than the limit in a period", () => {
    fc.assert(
      fc.property(demands, ({ limit, periodUs, asks }) => {
        const policy = slidingLog({ limit, per: periodUs / 1000 });
        const cells = new Float64Array(policy.width);
        policy.start(cells, 0, 0);
        const times: number[] = [];
        let now = 0;
        for (const [gap, cost] of asks) {
          now += gap;
          const recent = times.filter((time) => time > now - periodUs).length;
          const allowed = policy.wait(cells, 0, now, cost) === 0;
          expect(allowed).toBe(recent + cost <= limit);
          if (!allowed) continue;
          policy.charge(cells, 0, now, cost);
          for (let unit = 0; unit < cost; unit++) times.push(now);
        }
      }),
      { numRuns: 500, seed: 52 },
    );
  });

  it("admits exactly the limit a second for a million seconds", () => {
    const policy = slidingLog({ limit: 3, per: "1s" });
    expect(saturate(policy, 1, 1e6 * second)).toBe(3_000_003);
  });

  it("admits exactly the limit a second at the greatest limit, in uneven lots", () => {
    const policy = slidingLog({ limit: 1000, per: "1s" });
    // 142 lots of 7 fit into 1000.
    expect(saturate(policy, 7, 1000 * second)).toBe(142 * 7 * 1001);
  });
});

describe("slidingLog", () => {
  it.each([
    ["limit", { limit: 0, per: "1s" }],
    ["limit", { limit: 1001, per: "1s" }],
    ["per", { limit: 1, per: 0 }],
    ["per", { limit: 1, per: "30000d" }],
  ] as const)("refuses a bad %s", (option, options) => {
    expect(() => slidingLog(options)).toThrow(
      expect.objectContaining({ code: "DP_INVALID_OPTION", option }),
    );
  });
});
