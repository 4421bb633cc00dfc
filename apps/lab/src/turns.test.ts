import { describe, expect, it } from "vitest";
import { takeTurns } from "./turns.ts";

describe("turns", () => {
  it("go round, so that a busy moment hits all alike", async () => {
    const order: string[] = [];
    const measurer = (name: string) => ({
      turn: () => Promise.resolve({ ns: order.push(name) }),
      stop: () => undefined,
    });
    const taken = await takeTurns([measurer("a"), measurer("b")], 2);
    expect(order).toEqual(["a", "b", "a", "b"]);
    expect(taken).toEqual([{ ns: [1, 3] }, { ns: [2, 4] }]);
  });
});
