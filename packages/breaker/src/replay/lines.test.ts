import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "./lines.ts";

async function* inPieces(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield piece;
  }
}

const linesFrom = async (...pieces: string[]): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of linesOf(inPieces(pieces))) lines.push(line);
  return lines;
};

describe("the lines of a text", () => {
  it("are the same however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "\r\n", "ä") })),
        async (pieces) => {
          const lines = pieces.join("").split(/\r?\n/);
          if (lines.at(-1) === "") lines.pop();
          expect(await linesFrom(...pieces)).toEqual(lines);
        },
      ),
    );
  });

  it("are not longer than a million characters, so that memory is bounded", async () => {
    const half = "x".repeat(500_000);
    expect(await linesFrom(half, half, "\na")).toHaveLength(2);
    await expect(linesFrom("a\n", half, half, "x")).rejects.toThrow(
      "line 2: must have at most 1000000 characters",
    );
  });
});
