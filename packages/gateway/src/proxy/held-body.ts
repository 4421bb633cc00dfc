import { frameText } from "../http1/frame-body.ts";
import type { RequestHead } from "../message.ts";

/** The most of a request body that is kept for another attempt. */
const replayLimit = 64 * 1024;
/** More pieces are put together: of a body in crumbs the objects would weigh a hundred times the bytes. */
const mostPieces = 64;

/** The part of a request's body that an attempt still has to send, or a later attempt would have to send again. */
export class HeldBody {
  /** Whether the whole body has been received. */
  complete = false;
  /** Whether `text` still begins at the body's first byte. */
  replayable = true;
  /** All data received, whether held or passed on. */
  received = 0;
  #pieces: Buffer[] = [];
  #size = 0;

  /** Whether so much waits that the client should wait too. */
  get full(): boolean {
    return this.#size > replayLimit;
  }

  /** Keeps `pieces` if they may be needed; `sent` when an attempt has sent them itself. */
  add(
    pieces: readonly Buffer[],
    size: number,
    last: boolean,
    sent: boolean,
  ): void {
    this.received += size;
    this.complete = last;
    if (sent && (!this.replayable || this.#size + size > replayLimit)) {
      this.release();
      return;
    }
    if (size === 0) return;
    this.#size += size;
    const [only] = pieces;
    this.#pieces.push(
      only !== undefined && pieces.length === 1
        ? only
        : Buffer.concat(pieces, size),
    );
    if (this.#pieces.length > mostPieces)
      this.#pieces = [Buffer.concat(this.#pieces, this.#size)];
  }

  /** What is held, framed, to follow a head in one write. Beyond the replay limit it is held no longer. */
  take(framing: RequestHead["framing"]): string {
    if (framing === "none") return "";
    let text = "";
    for (const piece of this.#pieces)
      text += piece.toString("latin1", 0, piece.length);
    if (this.full) this.release();
    return frameText(text, framing, this.complete);
  }

  /** Gives up on another attempt and forgets what was held for it. */
  release(): void {
    if (this.received > 0) this.replayable = false;
    this.#pieces = [];
    this.#size = 0;
  }
}
