import { describe, expect, it } from "vitest";
import { xxh32 } from "./xxhash32.ts";

describe("xxh32", () => {
  it.each([
    ["", 0, 0x02cc5d05],
    ["", 0x9e3779b1, 0x36b78ae7],
    ["a", 0, 0x550d7456],
    ["abc", 0, 0x32d153ff],
    ["Nobody inspects the spammish repetition", 0, 0xe2293b2f],
  ])("gives the published value of %j with seed %i", (text, seed, value) => {
    expect(xxh32(text, seed)).toBe(value);
  });

  it("takes the text as UTF-8, however long it is", () => {
    expect(xxh32("ä", 0)).not.toBe(xxh32("\u{e4}\u{0}", 0));
    expect(xxh32("ä".normalize("NFD"), 0)).not.toBe(xxh32("ä", 0));
    const long = "é".repeat(10_000);
    expect(xxh32(long, 7)).toBe(xxh32(long, 7));
    expect(xxh32(`${long}!`, 7)).not.toBe(xxh32(long, 7));
  });

  it("spreads like texts over all of its range", () => {
    const slots = new Array<number>(16).fill(0);
    for (let each = 0; each < 16_000; each++)
      slots[xxh32(`10.0.0.${each}:80`, 1) >>> 28]!++;
    // Ten standard deviations of a fair draw are about 306.
    for (const count of slots) expect(Math.abs(count - 1000)).toBeLessThan(306);
  });
});
