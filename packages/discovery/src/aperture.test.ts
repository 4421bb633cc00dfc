import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deleteOf } from "../test/scripted-registry.ts";
import { instancesOf, viewOf } from "../test/view-of.ts";
import { aperture, type ApertureOptions } from "./aperture.ts";

/** How much of each instance, by its place, the client uses. */
const sharesOf = (options: ApertureOptions, count: number): number[] => {
  const { from, shares } = aperture(options).slice(count);
  const used = new Array<number>(count).fill(0);
  shares.forEach((share, index) => {
    used[(from + index) % count]! += share;
  });
  return used;
};

describe("an aperture", () => {
  it("uses every instance exactly alike, whatever the numbers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (of, count, size) => {
          const sums = new Array<number>(count).fill(0);
          let fewest = Infinity;
          for (let id = 0; id < of; id++) {
            const shares = sharesOf({ id, of, size }, count);
            shares.forEach((share, index) => (sums[index]! += share));
            expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
            expect(Math.max(...shares)).toBeLessThanOrEqual(1 + 1e-9);
            const width = shares.reduce((sum, share) => sum + share, 0);
            fewest = Math.min(fewest, width);
          }
          // Every point of the ring is covered by the same whole number of clients.
          const layers = Math.min(of, Math.ceil((size * of) / count));
          const off = sums.map((sum) => Math.abs(sum - layers));
          expect(Math.max(...off)).toBeLessThan(1e-6);
          expect(fewest).toBeGreaterThan(Math.min(size, count) - 1e-6);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("is of twelve instances unless told otherwise", () => {
    const used = sharesOf({ id: 0, of: 144 }, 144).filter((share) => share > 0);
    expect(used).toHaveLength(12);
    expect(sharesOf({ id: 0, of: 1 }, 3)).toEqual([1, 1, 1]);
    expect(aperture({ id: 0, of: 3 }).slice(0)).toEqual({
      from: 0,
      shares: [],
    });
  });

  it("uses the instances at its edges by their share", async () => {
    // Two clients of three instances: each has one and a half.
    const views = await Promise.all(
      [0, 1].map((id) =>
        viewOf(instancesOf("i", 3, { weight: 4 }), {
          subset: aperture({ size: 1, id, of: 2 }),
        }),
      ),
    );
    const sums = new Map<string, number>();
    for (const { view } of views) {
      const { instances } = view.explain();
      expect(instances.map(({ share }) => share).sort()).toEqual([0, 0.5, 1]);
      for (const { id, weight, share } of instances) {
        if (share > 0) expect(weight).toBe(4 * share);
        sums.set(id, (sums.get(id) ?? 0) + share);
      }
      for (let pick = 0; pick < 300; pick++) view.pick();
      const inFlight = view.explain().instances.map((each) => each.inFlight);
      expect(inFlight.sort((a, b) => a - b)).toEqual([0, 100, 200]);
    }
    expect([...sums.values()]).toEqual([1, 1, 1]);
  });

  it("moves as instances leave, and covers all again", async () => {
    const seen = new Set<string>();
    for (let id = 0; id < 4; id++) {
      const { view, tell } = await viewOf(instancesOf("i", 9), {
        subset: aperture({ size: 2, id, of: 4 }),
      });
      await tell(deleteOf(2, "i4"));
      for (const each of view.explain().instances)
        if (each.share > 0) seen.add(each.id);
    }
    expect(seen.size).toBe(8);
  });

  it("refuses bad options, naming them", () => {
    expect(() => aperture({ id: 3, of: 3 })).toThrow("id");
    expect(() => aperture({ id: 0, of: 0 })).toThrow("of");
    expect(() => aperture({ id: 0, of: 1, size: 0 })).toThrow("size");
  });
});
