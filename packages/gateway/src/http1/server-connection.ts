import type { Socket } from "node:net";
import { Deadline, type Deadlines } from "../deadlines.ts";
import { BodyReader } from "./body-reader.ts";
import { HeadReader } from "./head-reader.ts";
import type { RequestHeadParser } from "./parse-request-head.ts";
import type {
  ClientConnection,
  RequestHandler,
  RequestSink,
} from "./request-sink.ts";
import { MALFORMED } from "./scan-fields.ts";

/** After a closing answer the client may still be sending; this much and this long we read on, so that it can read ours. */
const lingerMs = 2_000;
const lingerBytes = 1024 * 1024;

export interface ServerConnectionOptions {
  readonly socket: Socket;
  readonly handler: RequestHandler;
  readonly deadlines: Deadlines;
  /** Holds nothing between calls, so all connections share one. */
  readonly parser: RequestHeadParser;
  readonly remoteAddress: string;
  /** Whether the peer's forwarding fields are believed. */
  readonly trusted: boolean;
  readonly closed: (connection: ServerConnection) => void;
}

/** One client's connection: reads requests one at a time, in order, and writes their answers. */
export class ServerConnection implements ClientConnection {
  readonly remoteAddress: string;
  /** Whether the peer's forwarding fields are believed. */
  readonly trusted: boolean;
  bytesWritten = 0;

  readonly #socket: Socket;
  readonly #handler: RequestHandler;
  readonly #deadlines: Deadlines;
  readonly #deadline: Deadline = new Deadline(() => this.#expire());
  readonly #sinkDeadline: Deadline = new Deadline(() => this.#sink?.expired());
  readonly #parser: RequestHeadParser;
  readonly #onClosed: (connection: ServerConnection) => void;
  readonly #heads: HeadReader = new HeadReader();
  readonly #reader: BodyReader = new BodyReader();
  #waitingFor: "idle" | "head" | "body" | "write" | "linger" = "idle";
  #stash: Buffer | undefined;
  #sink: RequestSink | undefined;
  #parsing = false;
  #lingered = 0;
  #ended = false;
  #paused = false;
  /** The client takes no more for now. */
  #blocked = false;

  constructor(options: ServerConnectionOptions) {
    const { socket, handler } = options;
    this.#socket = socket;
    this.#handler = handler;
    this.#deadlines = options.deadlines;
    this.#parser = options.parser;
    this.#onClosed = options.closed;
    this.trusted = options.trusted;
    this.remoteAddress = options.remoteAddress;
    this.#wait("head", handler.clients.headerMs);
    socket.on("data", (chunk: Buffer) => this.#data(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#clientEnded());
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.#closed());
  }

  get requestComplete(): boolean {
    return this.#reader.done;
  }

  write(data: string | Buffer): boolean {
    this.bytesWritten += data.length;
    const flushed =
      typeof data === "string"
        ? this.#socket.write(data, "latin1")
        : this.#socket.write(data);
    if (!flushed) {
      this.#blocked = true;
      this.#wait("write", this.#handler.clients.writeMs);
    }
    return flushed;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  expireAt(dueMs: number): void {
    this.#deadlines.set(this.#sinkDeadline, dueMs);
  }

  finish(keepAlive: boolean): void {
    this.#sink = undefined;
    this.#deadlines.clear(this.#sinkDeadline);
    this.resume();
    if (!keepAlive || !this.#reader.done) {
      this.#linger();
      return;
    }
    // Who does not take answers gets no more of them: its next request waits.
    if (!this.#blocked) this.#next();
  }

  /** Ends an idle connection; one with a request in hand ends with its answer. */
  close(): void {
    if (this.#sink === undefined && !this.#heads.begun && !this.#ended)
      this.#linger();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #wait(what: "idle" | "head" | "body" | "write" | "linger", ms: number): void {
    this.#waitingFor = what;
    this.#deadlines.set(this.#deadline, this.#deadlines.clock.now() + ms);
  }

  #data(chunk: Buffer): void {
    if (this.#ended) {
      this.#lingered += chunk.length;
      if (this.#lingered > lingerBytes) this.destroy();
    } else if (this.#sink !== undefined && !this.#reader.done) {
      this.#readBody(this.#sink, chunk);
    } else if (this.#sink !== undefined || this.#blocked) {
      this.#keep(chunk);
    } else {
      this.#parse(chunk);
    }
  }

  /** Goes on to the next request: one that was sent ahead, or one to come. */
  #next(): void {
    this.#wait("idle", this.#handler.clients.idleMs);
    const stash = this.#stash;
    if (stash === undefined || this.#parsing) return;
    this.#stash = undefined;
    this.#parse(stash);
  }

  /** Pipelined bytes wait for their turn, and no more are read. */
  #keep(chunk: Buffer): void {
    this.#stash =
      this.#stash === undefined ? chunk : Buffer.concat([this.#stash, chunk]);
    this.pause();
  }

  /** Reads requests out of `chunk` until one is in hand or the bytes are used up. */
  #parse(chunk: Buffer): void {
    let rest: Buffer | undefined = chunk;
    this.#parsing = true;
    while (
      rest !== undefined &&
      this.#sink === undefined &&
      !this.#ended &&
      !this.#blocked
    ) {
      rest = this.#parseOne(rest);
    }
    this.#parsing = false;
    if (rest !== undefined && !this.#ended) this.#keep(rest);
  }

  /** Reads one head and what of its body is there; returns the bytes after it. */
  #parseOne(chunk: Buffer): Buffer | undefined {
    if (!this.#heads.holding)
      this.#wait("head", this.#handler.clients.headerMs);
    const start = this.#heads.read(
      chunk,
      this.#parser,
      this.trusted,
      this.#handler.identityFields,
    );
    if (start === MALFORMED)
      this.#refuse(this.#heads.status, this.#heads.fault);
    if (start < 0) return undefined;
    const { head } = this.#parser;
    this.#reader.start(head.framing, head.length);
    const bodyEnd = this.#reader.read(chunk, start, chunk.length);
    if (bodyEnd < 0) {
      this.#refuse(400, this.#reader.fault);
      return undefined;
    }
    const { pieces, size, done } = this.#reader;
    const sink = this.#handler.accept(this, head);
    this.#sink = sink;
    this.#waitForBody();
    sink.start(pieces, size, done);
    return bodyEnd < chunk.length ? chunk.subarray(bodyEnd) : undefined;
  }

  #readBody(sink: RequestSink, chunk: Buffer): void {
    const end = this.#reader.read(chunk, 0, chunk.length);
    if (end < 0) {
      sink.broken(400, this.#reader.fault);
      return;
    }
    const { pieces, size, done } = this.#reader;
    if (end < chunk.length) this.#keep(chunk.subarray(end));
    if (!this.#blocked) this.#waitForBody();
    sink.more(pieces, size, done);
  }

  #refuse(status: number, why: string): void {
    this.#handler.refuse(this, status, why);
    this.#linger();
  }

  #waitForBody(): void {
    if (this.#reader.done) this.#deadlines.clear(this.#deadline);
    else this.#wait("body", this.#handler.clients.idleMs);
  }

  #drained(): void {
    this.#blocked = false;
    if (this.#ended) return;
    if (this.#sink === undefined) {
      this.resume();
      this.#next();
    } else {
      this.#waitForBody();
      this.#sink.writable();
    }
  }

  /**
   * The client sent its FIN. With a request in hand that means it left: TCP cannot tell a closed socket from a half
   * closed one, and work for nobody is the greater evil.
   */
  #clientEnded(): void {
    if (this.#sink !== undefined) this.destroy();
    else this.#linger();
  }

  /**
   * Ends our side once the client took all of it, then reads on for a while: a reset for unread bytes would take our
   * answer from the client's hands.
   */
  #linger(): void {
    this.#ended = true;
    this.#stash = undefined;
    this.#wait("write", this.#handler.clients.writeMs);
    this.#socket.once("finish", () => this.#wait("linger", lingerMs));
    this.#socket.end();
    this.#socket.resume();
  }

  #expire(): void {
    switch (this.#waitingFor) {
      case "head":
        // A client that sent nothing at all expects no answer.
        if (!this.#heads.begun) this.destroy();
        else this.#refuse(408, "the request head did not arrive in time");
        break;
      case "body":
        // While we do not read, it is not the client who is slow.
        if (this.#paused) this.#waitForBody();
        else this.#sink?.broken(408, "the request body did not arrive in time");
        break;
      case "idle":
        this.#linger();
        break;
      case "write":
      case "linger":
        this.destroy();
        break;
    }
  }

  #closed(): void {
    this.#deadlines.remove(this.#deadline);
    this.#deadlines.remove(this.#sinkDeadline);
    this.#ended = true;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.aborted("the client closed its connection");
    this.#onClosed(this);
  }
}
