import { LF } from "./bytes.ts";
import type { RequestHeadParser } from "./parse-request-head.ts";
import { INCOMPLETE, MALFORMED } from "./scan-fields.ts";

/** The longest request head, in bytes: longer ones are answered 431. */
export const headLimit: number = 16 * 1024;

/** Puts one request head after another together from the pieces they arrive in. */
export class HeadReader {
  /** What to answer, and why, after a read returned {@link MALFORMED}. */
  status = 400;
  fault = "";
  #partial = "";

  /** Whether bytes of an unfinished head are held. */
  get holding(): boolean {
    return this.#partial !== "";
  }

  /** Whether they are more than the empty line that may stand before a head. */
  get begun(): boolean {
    return this.#partial.trim() !== "";
  }

  /** Reads on; returns the offset in `chunk` after the head, {@link INCOMPLETE} or {@link MALFORMED}. */
  read(
    chunk: Buffer,
    parser: RequestHeadParser,
    trusted: boolean,
    identity: ReadonlySet<string>,
  ): number {
    const before = this.#partial.length;
    const room = headLimit + 1 - before;
    const text =
      this.#partial + chunk.toString("latin1", 0, Math.min(chunk.length, room));
    // A head that arrives in crumbs is looked at once a line, not once a byte.
    if (before > 0 && text.length <= headLimit && !chunk.includes(LF)) {
      this.#partial = text;
      return INCOMPLETE;
    }
    // RFC 9112 section 2.2: one empty line before the request line is ignored.
    const start = text.startsWith("\r\n") ? 2 : 0;
    const end =
      text === "\r" ? INCOMPLETE : parser.parse(text, start, trusted, identity);
    this.#partial = "";
    if (end === MALFORMED) return this.#refuse(parser.status, parser.fault);
    if (end > headLimit || (end === INCOMPLETE && text.length > headLimit))
      return this.#refuse(431, `the head is longer than ${headLimit} bytes`);
    if (end !== INCOMPLETE) return end - before;
    this.#partial = text;
    return INCOMPLETE;
  }

  #refuse(status: number, fault: string): typeof MALFORMED {
    this.status = status;
    this.fault = fault;
    return MALFORMED;
  }
}
