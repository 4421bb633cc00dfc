import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "./lines.ts";

async function* inPieces(
  bytes: Buffer,
  cuts: readonly number[],
): AsyncGenerator<Buffer> {
  await Promise.resolve();
  const places = [...cuts, bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const place of places) {
    yield bytes.subarray(start, Math.min(place, bytes.length));
    start = Math.min(place, bytes.length);
  }
}

const read = async (
  text: string,
  cuts: readonly number[],
  most = Infinity,
): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of linesOf(inPieces(Buffer.from(text), cuts), most))
    lines.push(line);
  return lines;
};

describe("lines of a stream", () => {
  it("are the same wherever the bytes are cut, in the middle of a character too", async () => {
    const line = fc.string({
      unit: fc.constantFrom("a", "é", "漢", "🙂", "{", '"'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 5 }),
        line,
        fc.array(fc.nat(80), { maxLength: 8 }),
        async (lines, rest, cuts) => {
          const text = lines.map((each) => `${each}\n`).join("") + rest;
          expect(await read(text, cuts)).toEqual(lines);
        },
      ),
    );
  });

  it("have a longest length, with or without an end in sight", async () => {
    expect(await read("12345\n12345\n", [3, 8], 5)).toHaveLength(2);
    await expect(read("123456\n", [3], 5)).rejects.toThrow("more than 5 bytes");
    await expect(read("123456", [1, 2, 3, 4, 5], 5)).rejects.toThrow(
      "more than 5 bytes",
    );
  });
});
