import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdleHeap } from "./idle-heap.ts";

describe("an idle heap", () => {
  it("has no first slot when it is empty", () => {
    expect(new IdleHeap().first()).toBe(-1);
  });

  it("always knows the slot that is due first, whatever is added, moved and removed", () => {
    const step = fc.record({
      kind: fc.constantFrom("add", "add", "move", "remove", "remove first"),
      due: fc.integer({ min: 0, max: 50 }),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new IdleHeap();
        const model = new Map<number, number>();
        for (const { kind, due, which } of steps) {
          const slots = [...model.keys()];
          const slot = slots[which % Math.max(1, slots.length)];
          if (kind === "add" || slot === undefined) {
            const added = heap.add(due);
            expect(model.has(added)).toBe(false);
            // Slots are reused: there are never more than were live at once.
            expect(added).toBeLessThanOrEqual(steps.length);
            model.set(added, due);
          } else if (kind === "move") {
            heap.move(slot, due);
            model.set(slot, due);
          } else {
            const gone = kind === "remove" ? slot : heap.first();
            heap.remove(gone);
            expect(model.delete(gone)).toBe(true);
          }
          expect(heap.size).toBe(model.size);
          for (const [live, time] of model) expect(heap.due(live)).toBe(time);
          if (model.size > 0)
            expect(heap.due(heap.first())).toBe(Math.min(...model.values()));
        }
      }),
      { numRuns: 200, seed: 8 },
    );
  });

  it("reuses slots that were freed before it takes new ones", () => {
    const heap = new IdleHeap();
    const slots = Array.from({ length: 100 }, (_, due) => heap.add(due));
    for (const slot of slots) heap.remove(slot);
    const again = Array.from({ length: 100 }, (_, due) => heap.add(due));
    expect(new Set(again)).toEqual(new Set(slots));
  });
});
