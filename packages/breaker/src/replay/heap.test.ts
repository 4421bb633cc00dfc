import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "./heap.ts";

describe("a heap", () => {
  it("gives back the first of what is in it, whatever is put in and taken out in between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: "take" })),
        (steps) => {
          const heap = new Heap<number>((a, b) => a < b);
          const model: number[] = [];
          for (const step of steps) {
            if (typeof step === "number") {
              heap.add(step);
              model.push(step);
              model.sort((a, b) => a - b);
            } else expect(heap.take()).toBe(model.shift());
            expect([heap.first, heap.size]).toEqual([model[0], model.length]);
          }
        },
      ),
    );
  });
});
