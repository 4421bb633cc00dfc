import { ReplayLogError } from "./replay-log-error.ts";

/** A line of a log is a few dozen characters; this bounds the memory that something else can take. */
const longestLine = 1_000_000;

/**
 * The lines of a text that comes in pieces, without their ends (`\n` or `\r\n`). Holds one piece and one line. Throws
 * `ReplayLogError` for a line of more than a million characters.
 */
export async function* linesOf(
  pieces: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  let line = 1;
  let begun = "";
  for await (const piece of pieces) {
    const ends = (begun + piece).split("\n");
    begun = ends.pop() ?? "";
    for (const text of ends) {
      requireShort(text, line++);
      yield text.endsWith("\r") ? text.slice(0, -1) : text;
    }
    requireShort(begun, line);
  }
  if (begun !== "") yield begun;
}

const requireShort = (text: string, line: number): void => {
  if (text.length > longestLine)
    throw new ReplayLogError(
      line,
      `must have at most ${longestLine} characters, got more: is there one call a line?`,
    );
};
