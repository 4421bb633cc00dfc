import { DpError } from "@dp/core";

const lineFeed = 10;

/**
 * The lines of a stream of bytes, without their ends, however the bytes are cut into pieces. What follows the last
 * end is no line. Throws when one has more than `mostBytes`, so that a stream without lines takes no more memory.
 */
export async function* linesOf(
  pieces: AsyncIterable<Buffer>,
  mostBytes: number,
): AsyncGenerator<string, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length > mostBytes)
      throw new DpError(
        "DP_BAD_ANSWER",
        `the API server sent a line of more than ${mostBytes} bytes`,
      );
    parts.push(part);
  };
  for await (const piece of pieces) {
    let start = 0;
    for (
      let end = piece.indexOf(lineFeed);
      end >= 0;
      end = piece.indexOf(lineFeed, start)
    ) {
      keep(piece.subarray(start, end));
      yield Buffer.concat(parts).toString("utf8");
      parts = [];
      length = 0;
      start = end + 1;
    }
    keep(piece.subarray(start));
  }
}
