import { byteClasses, CR, HEX, LF, VALUE } from "./bytes.ts";

/** Size line, data, the CRLF after data, trailer lines, the end. */
type State = "size" | "data" | "data-end" | "trailers" | "done";

/** 13 hex digits stay below 2^53. */
const sizeDigits = 13;
/** The longest size line with extensions; the longest trailer section. Both are read and thrown away, so they are bounded. */
const sizeLineLimit = 256;
const trailerLimit = 8 * 1024;

const extensions =
  /^(?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[^"\\]|\\.)*"))?)*$/;
const trailer = /^[!#$%&'*+\-.^_`|~\w]+:/;

/**
 * Takes the chunked coding off a body (RFC 9112 section 7.1), strictly: CRLF only, no blanks where the grammar has
 * none. Extensions and trailers are checked and discarded, as an intermediary may.
 */
export class ChunkedDecoder {
  /** What is wrong with the body; an empty string while nothing is. */
  fault = "";
  #state: State = "size";
  #remaining = 0;
  #line = "";
  #trailerBytes = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  /** Prepares for the next body. */
  reset(): void {
    this.fault = "";
    this.#state = "size";
    this.#line = "";
    this.#trailerBytes = 0;
  }

  /**
   * Reads `buffer[start, end)`, adds the data it holds to `pieces` (views, not copies) and returns the offset it came
   * to: `end`, or less once the body is done. Returns -1 with `fault` set if the coding is broken.
   */
  decode(buffer: Buffer, start: number, end: number, pieces: Buffer[]): number {
    let at = start;
    while (at < end && this.#state !== "done") {
      if (this.#state === "data") {
        const size = Math.min(this.#remaining, end - at);
        pieces.push(buffer.subarray(at, at + size));
        at += size;
        this.#remaining -= size;
        if (this.#remaining === 0) this.#state = "data-end";
        continue;
      }
      at = this.#collect(buffer, at, end);
      if (this.fault !== "") return -1;
      if (!this.#line.endsWith("\n")) break;
      const line = this.#line.slice(0, -2);
      this.#line = "";
      if (!this.#take(line)) return -1;
    }
    return at;
  }

  /** Appends to the line in hand up to and including its LF; refuses every byte no line may hold as soon as it is seen. */
  #collect(buffer: Buffer, start: number, end: number): number {
    let at = start;
    let previous = this.#line.endsWith("\r") ? CR : 0;
    while (at < end) {
      const code = buffer[at++] as number;
      if (code === LF) {
        if (previous !== CR) this.fault = "a bare LF ends a chunk line";
        break;
      }
      if (previous === CR) this.fault = "a bare CR stands in a chunk line";
      else if (code !== CR && ((byteClasses[code] as number) & VALUE) === 0)
        this.fault = "a chunk line holds a control byte";
      else if (this.#state === "data-end" && code !== CR)
        this.fault = "a chunk is longer than its size";
      else if (
        this.#state === "size" &&
        this.#line === "" &&
        at === start + 1 &&
        ((byteClasses[code] as number) & HEX) === 0
      )
        this.fault = "a chunk size is not hexadecimal";
      if (this.fault !== "") return at;
      previous = code;
    }
    this.#line += buffer.toString("latin1", start, at);
    if (
      this.#line.length >
      (this.#state === "trailers" ? trailerLimit : sizeLineLimit)
    )
      this.fault = "a chunk line is too long";
    return at;
  }

  /** Acts on a whole line without its CRLF; false if it is not one that may stand here. */
  #take(line: string): boolean {
    switch (this.#state) {
      case "size":
        return this.#size(line);
      case "data-end":
        this.#state = "size";
        return true;
      case "trailers":
        this.#trailerBytes += line.length;
        if (line === "") this.#state = "done";
        else if (!trailer.test(line) || this.#trailerBytes > trailerLimit)
          this.fault = "a trailer line is malformed or the trailers too long";
        return this.fault === "";
      case "data":
      case "done":
        return true;
    }
  }

  #size(line: string): boolean {
    const digits = /^[0-9A-Fa-f]*/.exec(line)?.[0] ?? "";
    if (
      digits === "" ||
      digits.length > sizeDigits ||
      !extensions.test(line.slice(digits.length))
    ) {
      this.fault = "a chunk size is not hexadecimal";
      return false;
    }
    this.#remaining = parseInt(digits, 16);
    this.#state = this.#remaining === 0 ? "trailers" : "data";
    return true;
  }
}
