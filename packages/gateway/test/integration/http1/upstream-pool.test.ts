import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Deadlines } from "../../../src/deadlines.ts";
import type {
  ResponseSink,
  UpstreamConnection,
} from "../../../src/http1/upstream-connection.ts";
import {
  type ConnectionWaiter,
  UpstreamPool,
} from "../../../src/http1/upstream-pool.ts";
import { ok, ScriptedUpstream } from "./scripted-upstream.ts";
import { polled, until } from "./wait.ts";

let upstream: ScriptedUpstream;
let clock: ManualClock;

beforeEach(async () => {
  upstream = new ScriptedUpstream();
  clock = new ManualClock();
  await upstream.listen();
});

afterEach(() => upstream.close());

const createPool = (max = 10, port = upstream.port): UpstreamPool =>
  new UpstreamPool({
    host: "127.0.0.1",
    port,
    max,
    idleMs: 1_000,
    deadlines: new Deadlines(clock),
  });

class Waiter implements ConnectionWaiter {
  connection: UpstreamConnection | undefined;
  error: Error | undefined;

  ready(connection: UpstreamConnection): void {
    this.connection = connection;
  }

  refused(error: Error): void {
    this.error = error;
  }
}

const take = async (pool: UpstreamPool): Promise<UpstreamConnection> => {
  const waiter = new Waiter();
  pool.acquire(waiter);
  await until("a connection", () => waiter.connection !== undefined);
  return waiter.connection!;
};

/** Sends a request and calls `done` in the same turn in which its answer is complete. */
const ask = (connection: UpstreamConnection, done: () => void): void => {
  const sink: ResponseSink = {
    interim: () => undefined,
    head: () => done(),
    data: () => undefined,
    writable: () => undefined,
    failed: () => undefined,
  };
  connection.send(sink, "GET", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", true);
};

const answered = (connection: UpstreamConnection): Promise<void> =>
  new Promise((resolve) => ask(connection, resolve));

describe("the pool of an instance", () => {
  it("uses a connection again, the one used last first", async () => {
    upstream.respond = (_request, peer) => peer.send(ok("a"));
    const pool = createPool();
    const [first, second] = await Promise.all([take(pool), take(pool)]);
    await answered(first);
    await answered(second);
    await polled();
    expect(await take(pool)).toBe(second);
    expect(await take(pool)).toBe(first);
    expect(pool.size).toBe(2);
    pool.close();
  });

  it("lets a connection rest until what followed its answer was seen", async () => {
    upstream.respond = (_request, peer) => peer.send(ok("a"));
    const pool = createPool(1);
    const first = await take(pool);
    const waiter = new Waiter();
    let atOnce: UpstreamConnection | undefined;
    ask(first, () => {
      pool.acquire(waiter);
      atOnce = waiter.connection;
    });
    await until("the connection", () => waiter.connection !== undefined);
    expect(atOnce).toBeUndefined();
    expect(waiter.connection).toBe(first);
  });

  it("does not leave a waiter behind whose connection closed while it rested", async () => {
    upstream.respond = (_request, peer) => peer.send(ok("a"));
    const pool = createPool();
    const first = await take(pool);
    const waiter = new Waiter();
    ask(first, () => {
      first.destroy();
      // After the socket's close event, before the event loop goes on.
      process.nextTick(() =>
        process.nextTick(() =>
          process.nextTick(() => {
            pool.acquire(waiter);
          }),
        ),
      );
    });
    await until("a connection", () => waiter.connection !== undefined);
    expect(waiter.connection).not.toBe(first);
    pool.close();
  });

  it("opens no more than its limit, and serves waiters in order", async () => {
    upstream.respond = (_request, peer) => peer.send(ok("a"));
    const pool = createPool(2);
    const waiters = Array.from({ length: 6 }, () => new Waiter());
    for (const waiter of waiters) pool.acquire(waiter);
    const served: Waiter[] = [];
    while (served.length < waiters.length) {
      const next = (): Waiter | undefined =>
        waiters.find(
          (each) => each.connection !== undefined && !served.includes(each),
        );
      await until("the next", () => next() !== undefined);
      const waiter = next()!;
      served.push(waiter);
      await answered(waiter.connection!);
    }
    expect(served).toEqual(waiters);
    expect(pool.size).toBe(2);
    expect(upstream.peers).toHaveLength(2);
    pool.close();
  });

  it("tells each waiter of a refused connection, and tries no more often than asked", async () => {
    const { port } = upstream;
    upstream.close();
    const pool = createPool(3, port);
    const waiters = Array.from({ length: 8 }, () => new Waiter());
    for (const waiter of waiters) pool.acquire(waiter);
    await until("the refusals", () =>
      waiters.every((each) => each.error !== undefined),
    );
    await until("no connection", () => pool.size === 0);
    expect(pool.unused).toBe(true);
  });

  it("gives up a connection being made when nobody waits for it any more", async () => {
    const pool = createPool();
    const [gone, stays] = [new Waiter(), new Waiter()];
    pool.acquire(gone);
    pool.withdraw(gone);
    await until("no connection", () => pool.size === 0);
    pool.acquire(gone);
    pool.acquire(stays);
    pool.withdraw(gone);
    pool.withdraw(gone);
    await until("a connection", () => stays.connection !== undefined);
    await until("one connection", () => pool.size === 1);
    expect(stays.error).toBeUndefined();
    expect(gone.connection).toBeUndefined();
    expect(gone.error).toBeUndefined();
    pool.close();
  });

  it("closes connections that nobody used for a while", async () => {
    upstream.respond = (_request, peer) => peer.send(ok("a"));
    const pool = createPool();
    const connection = await take(pool);
    await answered(connection);
    await polled();
    await clock.advance(900);
    expect(await take(pool)).toBe(connection);
    await answered(connection);
    await polled();
    await clock.advance(950);
    await polled();
    expect(pool.size).toBe(1);
    await clock.advance(150);
    await until("no connection", () => pool.size === 0);
    await until("the upstream's side", () => upstream.peers[0]!.over);
    expect(clock.pending).toBe(0);
  });

  it("when closed ends idle connections at once and busy ones with their answers", async () => {
    let answer = (): void => undefined;
    upstream.respond = (_request, peer, index) => {
      if (index === 0) answer = () => peer.send(ok("a"));
    };
    const pool = createPool();
    const busy = await take(pool);
    const done = answered(busy);
    await until("the request", () => upstream.requests.length === 1);
    pool.close();
    await polled();
    expect(pool.size).toBe(1);
    answer();
    await done;
    await until("no connection", () => pool.unused);
  });
});
