import type { Framing } from "../message.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";

/** Finds the end of one body after another on a connection and hands out its data without framing. */
export class BodyReader {
  /** Whether the body is complete. */
  done = true;
  /** The data of the last read: views into its buffer. */
  pieces: Buffer[] = [];
  /** Bytes in `pieces`. */
  size = 0;
  #framing: Framing = "none";
  #remaining = 0;
  readonly #chunked: ChunkedDecoder = new ChunkedDecoder();

  /** What is wrong with the body, after a read returned -1. */
  get fault(): string {
    return this.#chunked.fault;
  }

  /** Prepares for the next body. */
  start(framing: Framing, length: number): void {
    this.#framing = framing;
    this.#remaining = length;
    this.done = framing === "none" || (framing === "length" && length === 0);
    this.pieces = [];
    this.size = 0;
    if (framing === "chunked") this.#chunked.reset();
  }

  /** Reads `buffer[start, end)` into `pieces`; returns the offset after the body's bytes, or -1 if its framing is broken. */
  read(buffer: Buffer, start: number, end: number): number {
    this.pieces = [];
    this.size = 0;
    if (this.done || start === end) return start;
    if (this.#framing === "chunked") {
      const at = this.#chunked.decode(buffer, start, end, this.pieces);
      for (const piece of this.pieces) this.size += piece.length;
      this.done = this.#chunked.done;
      return at;
    }
    const size =
      this.#framing === "length"
        ? Math.min(this.#remaining, end - start)
        : end - start;
    this.pieces.push(
      size === buffer.length ? buffer : buffer.subarray(start, start + size),
    );
    this.size = size;
    this.#remaining -= size;
    this.done = this.#framing === "length" && this.#remaining === 0;
    return start + size;
  }

  /** The peer closed: whether that ends the body properly. */
  close(): boolean {
    if (this.#framing === "close") this.done = true;
    return this.done;
  }
}
