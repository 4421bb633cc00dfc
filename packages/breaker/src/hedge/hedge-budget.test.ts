import { describe, expect, it } from "vitest";
import { hedgeBudget } from "../index.ts";

describe("a hedge budget", () => {
  it("allows one extra call for twenty, and ten at once", () => {
    const budget = hedgeBudget();
    let taken = 0;
    for (let call = 0; call < 10_000; call++) {
      budget.begin();
      if (budget.take()) taken++;
      budget.giveBack();
      budget.end();
    }
    expect(taken).toBeGreaterThanOrEqual(508);
    expect(taken).toBeLessThanOrEqual(510);
  });

  it("does not save up more than a burst", () => {
    const budget = hedgeBudget({ ratio: 1, burst: 2 });
    for (let call = 0; call < 100; call++) budget.begin();
    expect([budget.take(), budget.take(), budget.take()]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("refuses options out of bounds", () => {
    expect(() => hedgeBudget({ ratio: -1 })).toThrow("ratio must be");
    expect(() => hedgeBudget({ burst: 0 })).toThrow("burst must be");
  });
});
