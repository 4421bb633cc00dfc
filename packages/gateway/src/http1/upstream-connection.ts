import { Deadline, type Deadlines } from "../deadlines.ts";
import type { ResponseHead } from "../message.ts";
import { BodyReader } from "./body-reader.ts";
import { ResponseHeadParser } from "./parse-response-head.ts";
import { INCOMPLETE, MALFORMED } from "./scan-fields.ts";
import { UpstreamSocket } from "./upstream-socket.ts";

/** The longest response head, in bytes. */
const headLimit = 64 * 1024;

/** How an upstream let a request down. `connect`: nothing of it was sent. `reset` and `protocol`: nobody knows how far it came. */
export type UpstreamFault = "connect" | "reset" | "protocol";

/** Who takes the answer to one request. */
export interface ResponseSink {
  /** `100 Continue` and its like, as lines to pass on. */
  interim(head: ResponseHead): void;
  /** The final head, with as much of the body (latin1) as came along. */
  head(head: ResponseHead, body: string, last: boolean): void;
  /** More of the body; the views are valid only during the call. */
  data(pieces: readonly Buffer[], size: number, last: boolean): void;
  /** The upstream took everything written to it. */
  writable(): void;
  /** There will be no (more) answer. */
  failed(fault: UpstreamFault, why: string): void;
}

/** What the pool wants to hear. */
export interface ConnectionOwner {
  connected(connection: UpstreamConnection): void;
  connectFailed(connection: UpstreamConnection, error: Error): void;
  /** An answer is complete and the connection may carry another request. */
  reusable(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection): void;
}

/**
 * All upstream sockets read into this one buffer: each read is used up (copied or made a string) before the next can
 * happen, because reads and their callbacks run on one thread.
 */
const readBuffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
const parser: ResponseHeadParser = new ResponseHeadParser();

/** One connection to an upstream, carrying one request at a time. */
export class UpstreamConnection {
  readonly #owner: ConnectionOwner;
  readonly #socket: UpstreamSocket;
  readonly #reader: BodyReader = new BodyReader();
  readonly #idleDeadline: Deadline = new Deadline(() => this.destroy());
  readonly #deadlines: Deadlines;
  #sink: ResponseSink | undefined;
  #method = "";
  #partial = "";
  #headDone = false;
  #requestDone = false;
  #keepAlive = true;
  #keepAliveMs = Infinity;
  #connected = false;
  #paused = false;
  #error: Error | undefined;

  constructor(
    host: string,
    port: number,
    deadlines: Deadlines,
    owner: ConnectionOwner,
  ) {
    this.#owner = owner;
    this.#deadlines = deadlines;
    this.#socket = new UpstreamSocket({
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (size) => {
          this.#read(size);
          return true;
        },
      },
    });
    this.#socket.connect({ host, port });
    this.#socket.on("connect", () => {
      this.#connected = true;
      owner.connected(this);
    });
    this.#socket.on("drain", () => this.#sink?.writable());
    this.#socket.on("end", () => this.#upstreamEnded());
    this.#socket.on("error", (error) => (this.#error = error));
    this.#socket.on("close", () => this.#closed());
  }

  /** Whether the upstream still holds its side open. */
  get usable(): boolean {
    return this.#socket.readable && this.#socket.writable;
  }

  /** How long the upstream said it keeps an idle connection; Infinity when it said nothing. */
  get keepAliveMs(): number {
    return this.#keepAliveMs;
  }

  /** Starts a request whose answer goes to `sink`; `last` if `data` is all of it. */
  send(
    sink: ResponseSink,
    method: string,
    data: string,
    last: boolean,
  ): boolean {
    this.#deadlines.clear(this.#idleDeadline);
    this.#sink = sink;
    this.#method = method;
    this.#headDone = false;
    this.#requestDone = last;
    return this.#socket.write(data, "latin1");
  }

  /** Sends more of the request; false asks to wait for {@link ResponseSink.writable}. */
  write(data: Buffer, last: boolean): boolean {
    this.#requestDone = last;
    return this.#socket.write(data);
  }

  /** The request is complete without another byte. */
  endRequest(): void {
    this.#requestDone = true;
  }

  /** Stops reading the answer until {@link UpstreamConnection.resume}. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Forgets the sink and cuts the connection: the upstream learns that nobody waits. */
  cancel(): void {
    this.#sink = undefined;
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Cuts the connection unless it is used again within `ms`. */
  idleFor(ms: number): void {
    this.#deadlines.set(
      this.#idleDeadline,
      this.#deadlines.clock.now() + Math.min(ms, this.#keepAliveMs),
    );
  }

  #read(size: number): void {
    // Bytes nobody asked for belong to no request: another one must not get them.
    if (this.#sink === undefined) this.destroy();
    else if (!this.#headDone) this.#readHead(this.#sink, size);
    else this.#readBody(this.#sink, 0, size);
  }

  #readHead(sink: ResponseSink, size: number): void {
    const before = this.#partial.length;
    const text = this.#partial + readBuffer.toString("latin1", 0, size);
    let start = 0;
    for (;;) {
      const end = parser.parse(text, start, this.#method);
      if (end === MALFORMED) {
        this.#fail("protocol", parser.fault);
        return;
      }
      if ((end === INCOMPLETE ? text.length : end) - start > headLimit) {
        this.#fail("protocol", `the head is longer than ${headLimit} bytes`);
        return;
      }
      if (end === INCOMPLETE) {
        this.#partial = text.slice(start);
        return;
      }
      const { head } = parser;
      if (head.status === 101) {
        this.#fail("protocol", "101 was not asked for");
        return;
      }
      if (head.status >= 200) {
        this.#partial = "";
        this.#finalHead(sink, head, end - before, size);
        return;
      }
      sink.interim(head);
      start = end;
    }
  }

  #finalHead(
    sink: ResponseSink,
    head: ResponseHead,
    bodyStart: number,
    size: number,
  ): void {
    this.#headDone = true;
    this.#keepAlive = head.keepAlive;
    // A second less than the upstream grants: our next request and its FIN must not cross.
    this.#keepAliveMs = Math.max(0, head.keepAliveMs - 1_000);
    this.#reader.start(head.framing, head.length);
    const end = this.#reader.read(readBuffer, bodyStart, size);
    if (end < 0) {
      this.#fail("protocol", this.#reader.fault);
      return;
    }
    let body = "";
    for (const piece of this.#reader.pieces)
      body += piece.toString("latin1", 0, piece.length);
    const last = this.#reader.done;
    if (last) this.#complete(end < size);
    sink.head(head, body, last);
  }

  #readBody(sink: ResponseSink, start: number, size: number): void {
    const end = this.#reader.read(readBuffer, start, size);
    if (end < 0) {
      this.#fail("protocol", this.#reader.fault);
      return;
    }
    const { pieces, done } = this.#reader;
    if (done) this.#complete(end < size);
    sink.data(pieces, this.#reader.size, done);
  }

  /** The answer is here; `excess` if bytes follow that no request asked for. */
  #complete(excess: boolean): void {
    this.#sink = undefined;
    this.resume();
    if (this.#keepAlive && this.#requestDone && !excess)
      this.#owner.reusable(this);
    else this.destroy();
  }

  #fail(fault: UpstreamFault, why: string): void {
    const sink = this.#sink;
    this.cancel();
    sink?.failed(fault, why);
  }

  #upstreamEnded(): void {
    const sink = this.#sink;
    if (sink !== undefined && this.#headDone && this.#reader.close()) {
      this.#sink = undefined;
      sink.data([], 0, true);
    }
    this.destroy();
  }

  #closed(): void {
    this.#deadlines.remove(this.#idleDeadline);
    const why = this.#error?.message ?? "the upstream closed its connection";
    if (!this.#connected)
      this.#owner.connectFailed(this, this.#error ?? new Error(why));
    this.#owner.closed(this);
    this.#fail("reset", why);
  }
}
