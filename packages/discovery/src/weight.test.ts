import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { isWeight, requireWeight } from "./weight.ts";

describe("a weight", () => {
  it.each([1e-9, 0.5, 1, 1e9])("may be %d", (weight) => {
    expect(isWeight(weight)).toBe(true);
    expect(requireWeight(weight)).toBe(weight);
  });

  it.each([0, -1, 1e-10, 1e10, Infinity, NaN, "1", undefined])(
    "is not %j",
    (value) => {
      expect(isWeight(value)).toBe(false);
      expect(() => requireWeight(value)).toThrow(InvalidOptionError);
    },
  );
});
