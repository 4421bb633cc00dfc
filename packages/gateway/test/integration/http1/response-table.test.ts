import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { status, value } from "./message-reader.ts";
import type { RawClient } from "./raw-client.ts";
import {
  type Answer,
  responseRows,
  type ResponseRow,
} from "./response-rows.ts";
import { createRig, type Rig } from "./rig.ts";
import { ok, type UpstreamPeer } from "./scripted-upstream.ts";
import { polled, until } from "./wait.ts";

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const deliver = async (
  peer: UpstreamPeer,
  { bytes, then }: ResponseRow,
  size: number,
): Promise<void> => {
  for (let at = 0; at < bytes.length && !peer.over; at += size) {
    peer.send(bytes.slice(at, at + size));
    await polled();
  }
  if (then === "end") peer.socket.end();
  if (then === "reset") peer.socket.resetAndDestroy();
};

/** The request has got all of this answer and no more. */
const answered = async (
  client: RawClient,
  method: string,
  { status: code, body, interim = [], has = [], lacks = [] }: Answer,
): Promise<void> => {
  const answer = await client.answer(1, [method]);
  expect(status(answer)).toBe(code);
  expect(answer.body).toBe(body);
  expect(answer.delimited).toBe(true);
  const before = client.messages([method]).slice(0, -1);
  expect(before.map(status)).toEqual(interim);
  for (const line of has) expect(client.text).toContain(`\r\n${line}\r\n`);
  for (const name of lacks) expect(value(answer, name), name).toBeUndefined();
};

/** The client cannot take what it has for a whole answer. */
const cut = async (client: RawClient): Promise<void> => {
  await client.waitOver();
  expect(client.answers()).toEqual([]);
  expect(client.messages()).toHaveLength(1);
};

const check = async (client: RawClient, row: ResponseRow): Promise<void> => {
  const { expect: expected, method = "GET" } = row;
  if (typeof expected === "object") {
    await answered(client, method, expected);
    return;
  }
  await until(
    "an answer or the end",
    () => client.over || client.answers().length > 0,
  );
  const whole = client.answers().length > 0;
  if (expected === "cut" || (expected === "502 or cut" && !whole)) {
    await cut(client);
    return;
  }
  const answer = await client.answer();
  expect(status(answer)).toBe(502);
  expect(value(answer, "content-type")).toBe("application/problem+json");
  expect(value(answer, "proxy-status")).toMatch(
    /^dp-\w+; error=(http_protocol_error|connection_terminated)$/,
  );
};

for (const [manner, size] of [
  ["whole", Infinity],
  ["byte by byte", 1],
] as const)
  describe(`an upstream that answers, ${manner},`, () => {
    for (const row of responseRows) {
      const { name, expect: expected, method = "GET", bytes } = row;
      const told =
        typeof expected === "object" ? `is passed on` : `gives ${expected}`;
      it(`${name} ${told}, and no other request gets a byte of it`, async () => {
        const client = rig.client();
        const known = rig.upstream.peers.length;
        const pieces = bytes.length > 2000 ? Math.max(size, 997) : size;
        let used: UpstreamPeer | undefined;
        rig.upstream.respond = (_request, peer) => {
          used = peer;
          void deliver(peer, row, pieces);
        };
        client.send(`${method} /r HTTP/1.1\r\nHost: h\r\n\r\n`);
        await check(client, row);
        expect(client.text).not.toContain("hidden");

        // The next request, on the same connection if that is still there.
        let next: UpstreamPeer | undefined;
        rig.upstream.respond = (_request, peer) => {
          next = peer;
          peer.send(ok("next"));
        };
        const second = client.over ? rig.client() : client;
        second.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
        const count = second === client ? 2 : 1;
        const answer = await second.answer(count, [method]);
        expect(answer.body).toBe("next");
        const reused = typeof expected === "object" && expected.reused;
        expect(next === used).toBe(reused);
        if (!reused)
          await until("the end of the bad connection", () => used!.over);
        // One connection at a time: nothing is opened that nobody waits for.
        expect(rig.upstream.peers.length - known).toBeLessThanOrEqual(2);
        client.destroy();
        second.destroy();
      });
    }
  });

describe("an idle upstream connection", () => {
  it("that sends bytes nobody asked for is closed, and its bytes reach nobody", async () => {
    rig.upstream.respond = (_request, peer) => peer.send(ok("good"));
    const client = rig.client();
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    await client.answer();
    const peer = rig.upstream.peers.find((each) => !each.over)!;
    const requests = peer.requests().length;
    peer.send(ok("hidden"));
    await until("the end of the connection", () => peer.over);
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    expect((await client.answer(2)).body).toBe("good");
    expect(client.text).not.toContain("hidden");
    expect(peer.requests()).toHaveLength(requests);
  });

  it("is not handed on while bytes nobody asked for may still wait behind its answer", async () => {
    await using narrow = await createRig((port) => ({
      services: {
        a: {
          targets: [`http://127.0.0.1:${port}`],
          breaker: false,
          eject: false,
          connections: { max: 1 },
        },
      },
    }));
    // An answer that fills one read of the gateway exactly, and another right behind it.
    const size = 64 * 1024;
    const body = (length: number): string => ok("x".repeat(length));
    const full = body(size - (body(size).length - size));
    expect(full).toHaveLength(size);
    narrow.upstream.respond = (asked, peer) =>
      peer.send(
        asked.startLine.includes("first") ? full + ok("hidden") : ok("mine"),
      );
    for (let round = 0; round < 10; round++) {
      const [first, second] = [narrow.client(), narrow.client()];
      first.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n");
      second.send("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
      expect((await second.answer()).body).toBe("mine");
      expect((await first.answer()).body).toMatch(/^x+$/);
      first.destroy();
      second.destroy();
    }
  });

  it("that closes is not used again", async () => {
    rig.upstream.respond = (_request, peer) => peer.send(ok("good"));
    const client = rig.client();
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    await client.answer();
    const open = rig.upstream.peers.filter((each) => !each.over);
    for (const peer of open) peer.socket.end();
    await until("their end", () => open.every((peer) => peer.over));
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    expect((await client.answer(2)).body).toBe("good");
  });

  it("is closed a second before the upstream's announced timeout", async () => {
    rig.upstream.respond = (_request, peer) =>
      peer.send(ok("good", "Keep-Alive: timeout=5, max=9\r\n"));
    const client = rig.client();
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    const answer = await client.answer();
    expect(value(answer, "keep-alive")).toBeUndefined();
    await until(
      "one idle connection",
      () => rig.upstream.peers.filter((each) => !each.over).length === 1,
    );
    const peer = rig.upstream.peers.find((each) => !each.over)!;
    await rig.clock.advance(3_900);
    await polled();
    expect(peer.over).toBe(false);
    await rig.clock.advance(200);
    await until("the end of the connection", () => peer.over);
  });
});
