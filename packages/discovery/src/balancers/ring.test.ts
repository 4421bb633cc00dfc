import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { xxhash32 } from "../xxhash32.ts";
import { Ring } from "./ring.ts";

/** All points in one list, sorted by place and then by node. */
const naive = (ids: readonly string[], counts: readonly number[]) =>
  ids
    .flatMap((id, node) =>
      Array.from({ length: counts[node]! }, (_, index) => ({
        place: xxhash32(`${id}_${index}`, 0),
        node,
      })),
    )
    .sort((a, b) => a.place - b.place || a.node - b.node);

const ownerAt = (ring: Ring, place: number): number =>
  ring.owner(ring.find(place));

describe("a ring", () => {
  it("finds the owner of the first point at or after a place, through any changes", () => {
    const ids = ["a", "b", "c", "d", "e", "f"];
    const step = fc.record({
      some: fc.subarray(ids),
      weights: fc.array(fc.constantFrom(0.01, 0.5, 1, 2, 3.3), {
        minLength: 6,
        maxLength: 6,
      }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        const ring = new Ring();
        for (const { some, weights } of steps) {
          const given = weights.slice(0, some.length);
          ring.set(some, given, 10);
          const points = naive(
            some,
            given.map((weight) => Math.max(1, Math.round(weight * 10))),
          );
          expect(ring.size).toBe(points.length);
          const places = [
            0,
            2 ** 31,
            2 ** 32 - 1,
            ...points.flatMap(({ place }) => [place, place + 1]),
          ];
          for (const place of places) {
            const first =
              points.find((point) => point.place >= place) ?? points[0];
            expect(ownerAt(ring, place)).toBe(first?.node ?? -1);
          }
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("is as even as its number of points makes it", () => {
    const worst = (points: number): number => {
      let greatest = 0;
      for (let run = 0; run < 20; run++) {
        const ids = Array.from(
          { length: 10 },
          (_, index) => `run-${run}-node-${index}`,
        );
        const ring = new Ring();
        ring.set(
          ids,
          ids.map(() => 1),
          points,
        );
        const counts = ids.map(() => 0);
        const keys = 20_000;
        for (let key = 0; key < keys; key++)
          counts[ownerAt(ring, (key / keys) * 2 ** 32)]!++;
        greatest = Math.max(greatest, Math.max(...counts) / (keys / 10));
      }
      return greatest;
    };
    expect(worst(1)).toBeGreaterThan(2);
    expect(worst(100)).toBeLessThan(1.3);
    expect(worst(160)).toBeLessThan(1.25);
    expect(worst(1000)).toBeLessThan(1.12);
  });

  it("places no more than a million points, whatever the weights", () => {
    const ids = ["a", "b", "c"];
    const ring = new Ring();
    ring.set(ids, [1e9, 1e9, 2e9], 160);
    expect(ring.size).toBeLessThanOrEqual(2 ** 20 + ids.length);
    expect(ring.size).toBeGreaterThan(2 ** 19);
    ring.set(ids, [1, 1, 2], 160);
    expect(ring.size).toBe(640);
  });
});
