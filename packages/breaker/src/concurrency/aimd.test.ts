import { describe, expect, it } from "vitest";
import { aimd } from "../index.ts";
import { limitSuite } from "../testing/index.ts";

describe("an AIMD limit", () => {
  for (const { name, run } of limitSuite((bounds) => aimd(bounds)))
    it(name, run);

  it("rises by one after each call while half of it is used, and falls by a tenth, rounded down, after a drop", () => {
    const algorithm = aimd({ initial: 20 });
    const fed = (rttMs: number, inFlight: number, dropped = false): number => {
      algorithm.sample({ rttMs, inFlight, dropped });
      return algorithm.limit;
    };
    expect(fed(10, 10)).toBe(21);
    expect(fed(10, 10)).toBe(21);
    expect(fed(10, 11)).toBe(22);
    expect(fed(10, 11, true)).toBe(19);
    expect(fed(10, 1, true)).toBe(17);
  });

  it("takes a call that lasts too long for a drop", () => {
    const algorithm = aimd({ initial: 10, timeout: "1s", backoffRatio: 0.5 });
    algorithm.sample({ rttMs: 1_000, inFlight: 10, dropped: false });
    expect(algorithm.limit).toBe(11);
    algorithm.sample({ rttMs: 1_001, inFlight: 10, dropped: false });
    expect(algorithm.limit).toBe(5);
  });

  it("refuses options out of bounds", () => {
    expect(() => aimd({ min: 0 })).toThrow("min must be");
    expect(() => aimd({ min: 10, max: 9 })).toThrow("max must be");
    expect(() => aimd({ initial: 300 })).toThrow(
      "initial must be a number from 1 to 200, got 300",
    );
    expect(() => aimd({ backoffRatio: 1 })).toThrow("backoffRatio must be");
    expect(() => aimd({ timeout: 0 })).toThrow("timeout must be");
  });
});
