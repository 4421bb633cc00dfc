import { DpError } from "@dp/core";

const newline = 0x0a;

/**
 * Lines of a stream of bytes, however it is cut into chunks: in the middle of a line, or of a character. Keeps no more
 * than one line, of at most `limit` bytes. O(bytes).
 */
export class LineSplitter {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that this chunk completes, without empty ones. Throws `DP_TOO_LONG` for a line above the limit. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      this.#keep(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0) return lines;
      // Decoded as a whole, so no character is ever seen in halves.
      const line = Buffer.concat(this.#parts).toString();
      if (line !== "") lines.push(line);
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
    }
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#limit)
      throw new DpError(
        "DP_TOO_LONG",
        `a line of more than ${this.#limit} bytes`,
      );
    if (part.length > 0) this.#parts.push(part);
  }
}
