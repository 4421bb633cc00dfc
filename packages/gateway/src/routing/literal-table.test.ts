import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyHash, foldHash, LiteralTable } from "./literal-table.ts";

const hashOf = (text: string): number => {
  let hash = emptyHash;
  for (let index = 0; index < text.length; index++)
    hash = foldHash(hash, text.charCodeAt(index));
  return hash;
};

describe("a literal table", () => {
  it("finds what a map would find, whatever collides", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (added, asked) => {
        const table = new LiteralTable<string>();
        for (const each of added) table.getOrAdd(each, () => each);
        for (const each of [...added, ...asked])
          expect(table.get(`<${each}>`, 1, each.length + 1, hashOf(each))).toBe(
            added.includes(each) ? each : undefined,
          );
      }),
    );
  });

  it("tells texts with the same hash apart", () => {
    // 31 * 65 + 97 = 31 * 66 + 66
    expect(hashOf("Aa")).toBe(hashOf("BB"));
    const table = new LiteralTable<number>();
    table.getOrAdd("Aa", () => 1);
    table.getOrAdd("BB", () => 2);
    expect(table.get("Aa", 0, 2, hashOf("Aa"))).toBe(1);
    expect(table.get("BB", 0, 2, hashOf("BB"))).toBe(2);
  });
});
