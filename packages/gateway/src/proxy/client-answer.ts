import {
  frameBytes,
  frameText,
  type OutgoingFraming,
} from "../http1/frame-body.ts";
import type { ClientConnection } from "../http1/request-sink.ts";
import type { RequestHead, ResponseHead } from "../message.ts";
import { outgoingFraming, responseText } from "./response-text.ts";
import type { Runtime } from "./runtime.ts";

/** Interim answers of one request that are passed on; real services send one or two. */
const mostInterims = 16;

/** The answer to one request on its way out: its framing, and whether the connection outlives it. */
export class ClientAnswer {
  /** What the client was told; 0 until then, 499 when it left first. */
  status = 0;
  readonly #runtime: Runtime;
  readonly #connection: ClientConnection;
  readonly #request: RequestHead;
  readonly #requestId: string;
  readonly #bytesBefore: number;
  #interims = 0;
  #framing: OutgoingFraming = "none";
  #keepAlive = false;

  constructor(
    runtime: Runtime,
    connection: ClientConnection,
    request: RequestHead,
    requestId: string,
  ) {
    this.#runtime = runtime;
    this.#connection = connection;
    this.#request = request;
    this.#requestId = requestId;
    this.#bytesBefore = connection.bytesWritten;
  }

  /** Whether the client has got, or can get, part of a final answer. */
  get begun(): boolean {
    return this.status !== 0;
  }

  /** Bytes written for this answer. */
  get bytes(): number {
    return this.#connection.bytesWritten - this.#bytesBefore;
  }

  /**
   * Writes an interim answer. 100 was answered by us already, and HTTP/1.0 knows none. Nobody waits for the client to
   * take them, so there are not many.
   */
  interim(head: ResponseHead): void {
    if (head.status === 100 || this.#request.minor === 0) return;
    if (++this.#interims <= mostInterims)
      this.#connection.write(
        `HTTP/1.1 ${head.statusText}\r\n${head.fields}\r\n`,
      );
  }

  /** Writes the head with `announced` lines and what there is of the body; false asks to wait before more. */
  begin(
    head: ResponseHead,
    body: string,
    last: boolean,
    announced: string,
  ): boolean {
    const { minor, keepAlive } = this.#request;
    const framing = outgoingFraming(head, minor, last);
    this.status = head.status;
    this.#framing = framing;
    this.#keepAlive =
      keepAlive &&
      framing !== "close" &&
      this.#connection.requestComplete &&
      !this.#runtime.draining;
    const text = responseText({
      head,
      framing,
      length: framing === "length" && last ? body.length : head.length,
      requestId: this.#requestId,
      pseudonym: this.#runtime.pseudonym,
      date: this.#runtime.date,
      announced,
      keepAlive: this.#keepAlive,
      minor,
    });
    return this.#connection.write(text + frameText(body, framing, last));
  }

  /** Writes more of the body; false asks to wait before more. */
  more(pieces: readonly Buffer[], size: number, last: boolean): boolean {
    const frame = frameBytes(pieces, size, this.#framing, last);
    return frame === undefined || this.#connection.write(frame);
  }

  /** The client left. */
  abandon(): void {
    if (!this.begun) this.status = 499;
  }

  /** The answer is whole. */
  finish(): void {
    this.#connection.finish(this.#keepAlive);
  }
}
