import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tierLoads } from "./tier-loads.ts";

const percents = (...healthy: number[]): number[] =>
  tierLoads(healthy.map((each) => ({ healthy: each, total: 100 }))).map(
    (load) => Math.round(load * 100),
  );

describe("the load of tiers", () => {
  // Envoy's documentation has these figures, in whole percents that are rounded down.
  it.each([
    [
      [100, 100],
      [100, 0],
    ],
    [
      [72, 72],
      [100, 0],
    ],
    [
      [71, 71],
      [99, 1],
    ],
    [
      [50, 50],
      [70, 30],
    ],
    [
      [25, 100],
      [35, 65],
    ],
    [
      [25, 25],
      [50, 50],
    ],
    [
      [0, 100],
      [0, 100],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [5, 65],
      [7, 93],
    ],
    [
      [20, 20, 10],
      [40, 40, 20],
    ],
    [
      [50, 0, 50],
      [70, 0, 30],
    ],
  ])("of %j percent healthy is %j percent", (healthy, loads) => {
    expect(percents(...healthy)).toEqual(loads);
  });

  it("goes past a tier without anybody", () => {
    expect(
      tierLoads([
        { healthy: 0, total: 0 },
        { healthy: 1, total: 1 },
      ]),
    ).toEqual([0, 1]);
  });

  const tier = fc
    .record({ total: fc.nat(50), share: fc.double({ max: 1, noNaN: true }) })
    .map(({ total, share }) => ({
      total,
      healthy: Math.floor(total * Math.max(0, share)),
    }));

  it("is all of it when anybody is healthy, and never more than a tier carries unless all carry too much", () => {
    fc.assert(
      fc.property(fc.array(tier, { maxLength: 5 }), (tiers) => {
        const loads = tierLoads(tiers);
        const sum = loads.reduce((total, each) => total + each, 0);
        const healthy = tiers.some((each) => each.healthy > 0);
        expect(sum).toBeCloseTo(healthy ? 1 : 0, 6);
        const carry = tiers.map((each) =>
          each.total === 0 ? 0 : Math.min(1, (1.4 * each.healthy) / each.total),
        );
        const room = carry.reduce((total, each) => total + each, 0);
        loads.forEach((load, index) => {
          const most = carry[index]! / Math.min(1, room || 1);
          expect(load).toBeLessThanOrEqual(most + 1e-9);
          // A tier gets something only when the ones before are full.
          if (load > 0)
            for (let before = 0; before < index; before++)
              expect(loads[before]).toBeCloseTo(
                carry[before]! / Math.min(1, room),
                6,
              );
        });
      }),
      { seed: 1 },
    );
  });
});
