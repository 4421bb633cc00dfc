import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitQueue, type Waiting } from "./wait-queue.ts";

const one = (): Waiting => ({ before: undefined, after: undefined });

describe("a wait queue", () => {
  it("knows who came first and last, like a list, whoever leaves", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (steps) => {
        const queue = new WaitQueue<Waiting>();
        const list: Waiting[] = [];
        for (const step of steps) {
          const leaver = list[step];
          if (leaver === undefined) {
            const joiner = one();
            queue.add(joiner);
            list.push(joiner);
          } else {
            queue.remove(leaver);
            list.splice(step, 1);
          }
          expect(queue.size).toBe(list.length);
          expect(queue.first).toBe(list[0]);
          expect(queue.last).toBe(list.at(-1));
        }
      }),
    );
  });
});
