import type { RequestHead } from "../message.ts";

/** A client's connection, as those see it who answer its requests. */
export interface ClientConnection {
  readonly remoteAddress: string;
  /** Bytes written to the client so far. */
  readonly bytesWritten: number;
  /** Whether the request's body was received to its end. */
  readonly requestComplete: boolean;
  /** Writes part of an answer, text as latin1; false asks to wait for {@link RequestSink.writable}. */
  write(data: string | Buffer): boolean;
  /** Stops reading the body until {@link ClientConnection.resume}. */
  pause(): void;
  resume(): void;
  /** Calls the sink's `expired` at `dueMs`, up to 50 ms late, in place of any earlier setting. */
  expireAt(dueMs: number): void;
  /** The answer is written to its end; `keepAlive` as its head said. */
  finish(keepAlive: boolean): void;
  /** Cuts the connection so that the client cannot take what it has for a whole answer. */
  reset(): void;
}

/** What a connection asks of its owner. One object serves all connections of a listener. */
export interface RequestHandler {
  readonly clients: {
    readonly headerMs: number;
    readonly idleMs: number;
    readonly writeMs: number;
  };
  /** Lower-case names of fields that only the gateway may set. */
  readonly identityFields: ReadonlySet<string>;
  /** A request arrived: gives the sink for it, whose answer goes through `connection`. */
  accept(connection: ClientConnection, head: RequestHead): RequestSink;
  /** What came is not a request: answer with `status` and close. */
  refuse(connection: ClientConnection, status: number, why: string): void;
}

/** Who takes a request and answers it. */
export interface RequestSink {
  /** Called once, first, with as much of the body as came with the head. */
  start(pieces: Buffer[], size: number, last: boolean): void;
  /** More of the body; views into a buffer that is the sink's to keep. */
  more(pieces: Buffer[], size: number, last: boolean): void;
  /** The client took everything written to it. */
  writable(): void;
  /** The time set by {@link ClientConnection.expireAt} has come. */
  expired(): void;
  /** The client is gone: nothing more can be answered. */
  aborted(why: string): void;
  /** The body broke its framing, or did not come in time. */
  broken(status: number, why: string): void;
}
