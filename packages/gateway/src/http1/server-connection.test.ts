import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../deadlines.ts";
import type { RequestHead } from "../message.ts";
import { RequestHeadParser } from "./parse-request-head.ts";
import type {
  ClientConnection,
  RequestHandler,
  RequestSink,
} from "./request-sink.ts";
import { ServerConnection } from "./server-connection.ts";

/** A socket whose other side takes bytes only when told to. */
class HeldSocket extends Duplex {
  taken = "";
  wasReset = false;
  #held: (() => void)[] = [];
  holding = false;

  constructor() {
    super({ allowHalfOpen: true, writableHighWaterMark: 100 });
  }

  override _read(): void {
    // Bytes come by `push`.
  }

  override _write(chunk: Buffer, _: string, taken: () => void): void {
    const take = (): void => {
      this.taken += chunk.toString("latin1");
      taken();
    };
    if (this.holding) this.#held.push(take);
    else take();
  }

  resetAndDestroy(): void {
    this.wasReset = true;
    this.destroy();
  }

  /** Takes everything that was written. */
  release(): void {
    this.holding = false;
    for (const take of this.#held.splice(0)) take();
  }
}

interface Exchange {
  readonly head: RequestHead;
  readonly connection: ClientConnection;
  readonly told: string[];
}

const setup = () => {
  const clock = new ManualClock();
  const socket = new HeldSocket();
  const exchanges: Exchange[] = [];
  const refusals: number[] = [];
  let closed = 0;
  const handler: RequestHandler = {
    clients: { headerMs: 10_000, idleMs: 60_000, writeMs: 30_000 },
    identityFields: new Set(),
    accept(connection, head): RequestSink {
      const told: string[] = [];
      exchanges.push({ head, connection, told });
      const body = (pieces: Buffer[], last: boolean): void => {
        told.push(Buffer.concat(pieces).toString("latin1"));
        if (last) told.push("end");
      };
      return {
        start: (pieces, _size, last) => body(pieces, last),
        more: (pieces, _size, last) => body(pieces, last),
        writable: () => told.push("writable"),
        expired: () => told.push("expired"),
        aborted: () => told.push("aborted"),
        broken: (status) => told.push(`broken ${status}`),
      };
    },
    refuse: (connection, status) => {
      refusals.push(status);
      connection.write(`refused ${status}`);
    },
  };
  const connection = new ServerConnection({
    socket: socket as unknown as Socket,
    handler,
    deadlines: new Deadlines(clock),
    parser: new RequestHeadParser(),
    remoteAddress: "1.2.3.4",
    trusted: false,
    closed: () => closed++,
  });
  return {
    clock,
    socket,
    exchanges,
    refusals,
    connection,
    closedTimes: () => closed,
    /** The client sends; resolves when the connection has read it. */
    receive: async (text: string) => {
      socket.push(Buffer.from(text, "latin1"));
      await clock.advance(0);
    },
  };
};

const get = "GET /r HTTP/1.1\r\nHost: h\r\n\r\n";

describe("a client's connection", () => {
  it("keeps what the client has not taken yet when it closes, until the write deadline", async () => {
    const { clock, socket, exchanges, receive, closedTimes } = setup();
    await receive(get);
    socket.holding = true;
    const { connection } = exchanges[0]!;
    expect(connection.write("x".repeat(200))).toBe(false);
    connection.finish(false);
    await clock.advance(29_900);
    expect(socket.destroyed).toBe(false);
    socket.release();
    await clock.advance(0);
    expect(socket.taken).toHaveLength(200);
    expect(socket.writableFinished).toBe(true);
    // From now on it only waits for the client's end.
    await clock.advance(1_900);
    expect(socket.destroyed).toBe(false);
    await clock.advance(200);
    expect(socket.destroyed).toBe(true);
    expect(closedTimes()).toBe(1);
  });

  it("cuts off a client that takes nothing of a closing answer", async () => {
    const { clock, socket, exchanges, receive } = setup();
    await receive(get);
    socket.holding = true;
    exchanges[0]!.connection.write("x".repeat(200));
    exchanges[0]!.connection.finish(false);
    await clock.advance(30_100);
    expect(socket.destroyed).toBe(true);
  });

  it("gives the next request to its handler only when the last answer was taken", async () => {
    const { clock, socket, exchanges, receive } = setup();
    await receive(get + get.replace("/r", "/s"));
    expect(exchanges).toHaveLength(1);
    socket.holding = true;
    exchanges[0]!.connection.write("x".repeat(200));
    exchanges[0]!.connection.finish(true);
    await receive(get.replace("/r", "/t"));
    expect(exchanges).toHaveLength(1);
    socket.release();
    await clock.advance(0);
    expect(exchanges.map(({ head }) => head.path)).toEqual(["/r", "/s"]);
    exchanges[1]!.connection.finish(true);
    await clock.advance(0);
    expect(exchanges.map(({ head }) => head.path)).toEqual(["/r", "/s", "/t"]);
  });

  it("forgets requests sent ahead by a client that has ended its side", async () => {
    const { clock, socket, exchanges, receive, closedTimes } = setup();
    await receive(get);
    socket.holding = true;
    exchanges[0]!.connection.write("x".repeat(200));
    exchanges[0]!.connection.finish(true);
    await receive(get);
    // As a socket does: its end is told even while it is paused.
    socket.push(null);
    socket.read(0);
    await clock.advance(0);
    socket.release();
    await clock.advance(0);
    expect(exchanges).toHaveLength(1);
    expect(socket.taken).toHaveLength(200);
    expect(closedTimes()).toBe(1);
  });

  it("measures the body's time from its last bytes, and none while it does not read", async () => {
    const { clock, exchanges, receive } = setup();
    await receive("POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
    const { connection, told } = exchanges[0]!;
    await clock.advance(59_000);
    await receive("ab");
    await clock.advance(59_000);
    expect(told).toEqual(["", "ab"]);
    connection.pause();
    await clock.advance(200_000);
    connection.resume();
    expect(told).toEqual(["", "ab"]);
    await clock.advance(60_100);
    expect(told).toEqual(["", "ab", "broken 408"]);
  });

  it("measures the body's time again after the client was slow to read", async () => {
    const { clock, socket, exchanges, receive } = setup();
    await receive("POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
    const { connection, told } = exchanges[0]!;
    socket.holding = true;
    connection.write("x".repeat(200));
    await clock.advance(20_000);
    socket.release();
    await clock.advance(0);
    expect(told).toEqual(["", "writable"]);
    await clock.advance(60_100);
    expect(told).toEqual(["", "writable", "broken 408"]);
  });

  it("measures no time of the client's while the answer is being made", async () => {
    const { clock, socket, exchanges, receive } = setup();
    await receive(get);
    await clock.advance(1_000_000);
    expect(socket.destroyed).toBe(false);
    exchanges[0]!.connection.expireAt(clock.now() + 5_000);
    await clock.advance(4_900);
    expect(exchanges[0]!.told).toEqual(["", "end"]);
    await clock.advance(200);
    expect(exchanges[0]!.told).toEqual(["", "end", "expired"]);
  });

  it("tells nobody any more about a request that is answered", async () => {
    const { clock, exchanges, receive } = setup();
    await receive(get);
    const { connection, told } = exchanges[0]!;
    connection.expireAt(5_000);
    connection.finish(true);
    await clock.advance(10_000);
    expect(told).toEqual(["", "end"]);
  });

  it("ends when its request was not read to its end, whatever the answer said", async () => {
    const { clock, socket, exchanges, receive } = setup();
    await receive("POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
    exchanges[0]!.connection.write("ok");
    exchanges[0]!.connection.finish(true);
    await clock.advance(0);
    expect(socket.writableEnded).toBe(true);
    await receive(`abcd${get}`);
    expect(exchanges).toHaveLength(1);
  });

  it("reads a megabyte after a closing answer and no more", async () => {
    const { clock, socket, exchanges, receive } = setup();
    await receive("POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n");
    exchanges[0]!.connection.finish(false);
    await clock.advance(0);
    for (let sent = 0; sent < 1024; sent += 64)
      await receive("x".repeat(65_536));
    expect(socket.destroyed).toBe(false);
    await receive("x");
    expect(socket.destroyed).toBe(true);
  });

  it("is closed on demand when it is idle, and not in the middle of something", async () => {
    const idle = setup();
    idle.connection.close();
    expect(idle.socket.writableEnded).toBe(true);

    const busy = setup();
    await busy.receive(get);
    busy.connection.close();
    expect(busy.socket.writableEnded).toBe(false);

    const begun = setup();
    await begun.receive(get.slice(0, 9));
    begun.connection.close();
    expect(begun.socket.writableEnded).toBe(false);

    const blank = setup();
    await blank.receive("\r\n");
    blank.connection.close();
    expect(blank.socket.writableEnded).toBe(true);
  });

  it("tells its request once when the client is gone", async () => {
    const { clock, socket, exchanges, receive, closedTimes } = setup();
    await receive(get);
    socket.destroy(new Error("gone"));
    await clock.advance(0);
    expect(exchanges[0]!.told).toEqual(["", "end", "aborted"]);
    expect(closedTimes()).toBe(1);
    await clock.advance(1_000_000);
    expect(exchanges[0]!.told).toHaveLength(3);
  });
});
