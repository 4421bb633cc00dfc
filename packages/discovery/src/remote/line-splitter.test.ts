import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

describe("LineSplitter", () => {
  it("gives the same lines however the bytes are cut, characters of several bytes included", () => {
    const lines = ["a", "é漢🙂".repeat(20), "{}", "x".repeat(500), "🙂"];
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const random = seededRandom(1);
    for (let round = 0; round < 200; round++) {
      const splitter = new LineSplitter(1000);
      const seen: string[] = [];
      for (let from = 0; from < bytes.length;) {
        const to = from + 1 + Math.floor(random() * (round < 20 ? 3 : 200));
        seen.push(...splitter.push(bytes.subarray(from, to)));
        from = to;
      }
      expect(seen).toEqual(lines);
    }
  });

  it("gives nothing of a line before its end, and nothing for an empty one", () => {
    const splitter = new LineSplitter(10);
    expect(splitter.push(Buffer.from("\n\nab"))).toEqual([]);
    expect(splitter.push(Buffer.from(""))).toEqual([]);
    expect(splitter.push(Buffer.from("c\n\n"))).toEqual(["abc"]);
  });

  it("refuses a line longer than its limit, whether it has ended or not", () => {
    expect(new LineSplitter(3).push(Buffer.from("abc\nabc\n"))).toEqual([
      "abc",
      "abc",
    ]);
    expect(() => new LineSplitter(3).push(Buffer.from("abcd\n"))).toThrow(
      "DP_TOO_LONG",
    );
    const splitter = new LineSplitter(3);
    splitter.push(Buffer.from("ab"));
    expect(() => splitter.push(Buffer.from("cd"))).toThrow(
      "DP_TOO_LONG: a line of more than 3 bytes",
    );
  });
});
