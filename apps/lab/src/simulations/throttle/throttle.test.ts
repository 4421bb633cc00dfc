import { describe, expect, it } from "vitest";
import { capacity, demand, overload } from "./overload.ts";
import { recovery } from "./recovery.ts";

describe("clients that want more than a service can do and hold back", () => {
  it.each([1.5, 2, 3])(
    "send k times as many calls as are accepted: k = %f",
    async (k) => {
      const { sent } = await overload(k, 1);
      expect(Math.abs(sent / (k * capacity) - 1)).toBeLessThan(0.04);
      expect(sent).toBeLessThan(demand);
    },
  );

  it("leave nothing undone that the service could do, however little they send too much", async () => {
    for (const k of [1.1, 2]) {
      const { accepted } = await overload(k, 1);
      expect(Math.abs(accepted / capacity - 1)).toBeLessThan(0.01);
    }
  });

  it("do the same for the same seed", async () => {
    expect(await overload(2, 3)).toEqual(await overload(2, 3));
  });
});

describe("clients that hold back after a total outage", () => {
  it.each([1, 2])(
    "find out three times as fast that it is over when a tenth of the calls always goes through: seed %i",
    async (seed) => {
      const uncapped = await recovery(1, seed);
      const capped = await recovery(0.9, seed);
      const lower = await recovery(0.8, seed);
      expect(uncapped.seconds).toBeGreaterThan(500);
      expect(capped.seconds).toBeGreaterThan(180);
      expect(capped.seconds).toBeLessThan(250);
      expect(lower.seconds).toBeLessThan(capped.seconds);
      expect(uncapped.seconds / capped.seconds).toBeGreaterThan(2.5);
    },
  );
});
