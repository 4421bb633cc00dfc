import { describe, expect, it } from "vitest";
import { retryBudget } from "./retry-budget.ts";

const begun = (calls: number, budget = retryBudget()) => {
  for (let call = 0; call < calls; call++) budget.begin();
  return budget;
};

/** How many repeats fit in. */
const room = (budget: ReturnType<typeof retryBudget>): number => {
  let taken = 0;
  while (taken < 10_000 && budget.take()) taken++;
  return taken;
};

describe("a retry budget", () => {
  it("allows three repeats at a time however few calls there are", () => {
    expect(room(begun(1))).toBe(3);
  });

  it("allows a fifth of the calls under way by default", () => {
    expect(room(begun(100))).toBe(20);
    expect(room(begun(19))).toBe(3);
  });

  it("never goes above its ratio: what would round up is refused", () => {
    expect(room(begun(24))).toBe(4);
    expect(room(begun(25))).toBe(5);
  });

  it("has room again when a repeat has ended, and less when calls have", () => {
    const budget = begun(25);
    expect(room(budget)).toBe(5);
    budget.giveBack();
    expect(room(budget)).toBe(1);
    expect(budget).toMatchObject({ calls: 25, retries: 5 });
    for (let call = 0; call < 10; call++) budget.end();
    budget.giveBack();
    expect(budget.take()).toBe(false);
  });

  it("allows nothing with a ratio and minimum of zero", () => {
    expect(room(begun(100, retryBudget({ ratio: 0, minimum: 0 })))).toBe(0);
  });

  it("refuses a negative ratio and a broken minimum", () => {
    expect(() => retryBudget({ ratio: -1 })).toThrow("ratio must be a number");
    expect(() => retryBudget({ minimum: 0.5 })).toThrow(
      "minimum must be an integer",
    );
  });
});
