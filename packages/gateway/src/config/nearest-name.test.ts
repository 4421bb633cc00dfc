import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "./nearest-name.ts";

describe("the nearest name", () => {
  it("is the one with the fewest edits", () => {
    expect(nearestName("balnce", ["balance", "breaker"])).toBe("balance");
    expect(nearestName("tiemout", ["timeout", "to"])).toBe("timeout");
    expect(nearestName("Routes", ["routes"])).toBe("routes");
    expect(nearestName("orders2", ["orders1x", "orders"])).toBe("orders");
  });

  it("is else one that begins the other", () => {
    expect(nearestName("warning", ["error", "warn"])).toBe("warn");
    expect(nearestName("conn", ["connections", "con"])).toBe("con");
    expect(nearestName("conne", ["connections"])).toBe("connections");
    expect(nearestName("to", ["total"])).toBeUndefined();
  });

  it("is none when all are too far away", () => {
    expect(nearestName("zzz", ["abc", "listen"])).toBeUndefined();
    expect(nearestName("x", [])).toBeUndefined();
    expect(nearestName("x".repeat(10_000), ["to"])).toBeUndefined();
  });
});

/** The recursive definition. */
const reference = (a: string, b: string): number => {
  if (a === "" || b === "") return a.length + b.length;
  const same = a.at(-1) === b.at(-1) ? 0 : 1;
  const [shorterA, shorterB] = [a.slice(0, -1), b.slice(0, -1)];
  const swapped =
    a.length > 1 &&
    b.length > 1 &&
    a.at(-1) === b.at(-2) &&
    a.at(-2) === b.at(-1);
  return Math.min(
    reference(shorterA, b) + 1,
    reference(a, shorterB) + 1,
    reference(shorterA, shorterB) + same,
    swapped ? reference(a.slice(0, -2), b.slice(0, -2)) + 1 : Infinity,
  );
};

describe("the edit distance", () => {
  it("is that of the recursive definition", () => {
    const word = fc.string({
      unit: fc.constantFrom("a", "b", "c"),
      maxLength: 5,
    });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(reference(a, b));
      }),
    );
  });
});
