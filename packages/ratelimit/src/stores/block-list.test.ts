import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockList } from "./block-list.ts";

describe("a list of blocked subjects", () => {
  it("knows until when each is blocked, and lets the one go that ends first when there is no room", () => {
    const step = fc.record({
      subject: fc.constantFrom("a", "b", "c", "d", "e"),
      action: fc.constantFrom("add", "add", "remove"),
      forMs: fc.integer({ min: 1, max: 20 }),
      byMs: fc.nat(5),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 40 }),
        (max, steps) => {
          const list = new BlockList(max);
          const model = new Map<string, number>();
          let now = 0;
          for (const { subject, action, forMs, byMs } of steps) {
            now += byMs;
            if (action === "remove") {
              list.remove(subject);
              model.delete(subject);
            } else {
              for (const [each, until] of model)
                if (until <= now) model.delete(each);
              const firstEnd = Math.min(...model.values());
              const isKnown = model.has(subject);
              const isTie =
                [...model.values()].filter((until) => until === firstEnd)
                  .length > 1;
              if (!isKnown && model.size >= max && isTie) return;
              if (!isKnown && model.size >= max)
                for (const [each, until] of model)
                  if (until === firstEnd) model.delete(each);
              list.add(subject, now + forMs, now);
              model.set(subject, now + forMs);
            }
            expect(list.size).toBe(model.size);
            for (const each of ["a", "b", "c", "d", "e"])
              expect(list.until(each)).toBe(model.get(each) ?? 0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
