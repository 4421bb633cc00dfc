import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RingCounter } from "./ring-counter.ts";

describe("a ring of results", () => {
  it("holds what the end of a list of all results holds", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 31, 32, 33, 64, 70),
        fc.array(fc.boolean(), { maxLength: 200, size: "max" }),
        (length, results) => {
          const ring = new RingCounter(length);
          for (const [index, failed] of results.entries()) {
            ring.add(failed);
            const held = results.slice(0, index + 1).slice(-length);
            expect([ring.total, ring.failures]).toEqual([
              held.length,
              held.filter(Boolean).length,
            ]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("goes on from what another has saved", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 33, 64),
        fc.array(fc.boolean(), { maxLength: 80, size: "max" }),
        fc.array(fc.boolean(), { maxLength: 80, size: "max" }),
        (length, before, after) => {
          const ring = new RingCounter(length);
          for (const failed of before) ring.add(failed);
          const other = new RingCounter(length);
          other.add(true);
          other.load(ring.save());
          for (const failed of after) {
            ring.add(failed);
            other.add(failed);
          }
          expect(other.save()).toBe(ring.save());
          expect(other.failures).toBe(ring.failures);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes rubbish for nothing, and the end of what is too long", () => {
    const ring = new RingCounter(2);
    ring.add(true);
    ring.load("x..x?");
    expect(ring.total).toBe(0);
    ring.load(5);
    expect(ring.total).toBe(0);
    ring.load("xx.");
    expect(ring.save()).toBe("x.");
  });

  it("is empty after it was cleared", () => {
    const ring = new RingCounter(2);
    for (let time = 0; time < 3; time++) ring.add(true);
    ring.clear();
    ring.add(false);
    expect([ring.total, ring.failures]).toEqual([1, 0]);
  });
});
