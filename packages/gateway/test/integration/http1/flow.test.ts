import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { GatewayConfig } from "../../../src/index.ts";
import { status, value } from "./message-reader.ts";
import { createRig } from "./rig.ts";
import { ok } from "./scripted-upstream.ts";
import { polled, until } from "./wait.ts";

const large = 32 * 1024 * 1024;
const block = Buffer.alloc(64 * 1024, "x");

/**
 * What one transfer may keep in flight when its receiver takes nothing: the kernel's buffers of two loopback
 * connections (some MB each, as they grow) and the little that the gateway holds.
 */
const inFlight = 24 * 1024 * 1024;

/** Writes `total` bytes as fast as they are taken, counting those handed over. */
const pour = (socket: Socket, total: number): { written: number } => {
  const state = { written: 0 };
  const more = (): void => {
    while (state.written < total && !socket.destroyed) {
      state.written += block.length;
      if (!socket.write(block)) {
        socket.once("drain", more);
        return;
      }
    }
  };
  more();
  return state;
};

/** Waits until `count` stands still. */
const standstill = async (count: () => number): Promise<number> => {
  let last = -1;
  let same = 0;
  await until("a standstill", () => {
    same = count() === last ? same + 1 : 0;
    last = count();
    return same > 100;
  });
  return last;
};

/** No limit but those under test. */
const generous: Partial<GatewayConfig> = {
  defaults: {
    retry: { attempts: 1, on: ["connect"] },
    timeout: { total: "1h", attempt: "1h", idle: "1h" },
    body: { max: "100mb" },
  },
};

describe("an answer larger than all buffers", () => {
  const heads = {
    length: `Content-Length: ${large}\r\n\r\n`,
    chunked: `Transfer-Encoding: chunked\r\n\r\n${large.toString(16)}\r\n`,
    close: "\r\n",
  };
  for (const framing of ["length", "chunked", "close"] as const)
    it(`(${framing}) stops its upstream while the client does not read, and then arrives whole`, async () => {
      await using rig = await createRig(() => generous);
      let poured = { written: 0 };
      rig.upstream.respond = (_request, { socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\n${heads[framing]}`);
        poured = pour(socket, large);
      };
      const client = rig.client();
      client.keeping = false;
      client.socket.pause();
      client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
      const stopped = await standstill(() => poured.written);
      expect(stopped).toBeGreaterThan(0);
      expect(stopped).toBeLessThan(inFlight);
      client.socket.resume();
      await until("the whole body", () => client.bytesReceived >= large);
      const [peer] = rig.upstream.peers;
      if (framing === "chunked") peer!.send("\r\n0\r\n\r\n");
      if (framing === "close") peer!.socket.end();
      await until("the log", () => rig.log.length === 1);
      expect(rig.log[0]).toMatchObject({ status: 200 });
      expect(rig.log[0]!["error"]).toBeUndefined();
      expect(client.error).toBeUndefined();
      // The connection serves on.
      client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
      const before = client.bytesReceived;
      await until("the next answer", () => client.bytesReceived > before);
    });
});

describe("a body larger than all buffers", () => {
  for (const framing of ["length", "chunked"] as const)
    it(`(${framing}) stops its client while the upstream does not read, and then arrives whole`, async () => {
      await using rig = await createRig(() => generous);
      rig.upstream.keeping = false;
      rig.upstream.connected = ({ socket }) => socket.pause();
      const client = rig.client();
      client.send(
        framing === "length"
          ? `POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: ${large}\r\n\r\n`
          : `POST /r HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${large.toString(16)}\r\n`,
      );
      const poured = pour(client.socket, large);
      const stopped = await standstill(() => poured.written);
      expect(stopped).toBeLessThan(inFlight);
      // Not the client is slow: it must not be told so.
      await rig.clock.advance(120_000);
      expect(client.over).toBe(false);
      const [peer] = rig.upstream.peers;
      peer!.socket.resume();
      await until("the whole body", () => rig.upstream.bytesReceived >= large);
      if (framing === "chunked") client.send("\r\n0\r\n\r\n");
      await until("the end of the upload", () => poured.written >= large);
      await polled();
      peer!.send(ok("thanks"));
      expect((await client.answer()).body).toBe("thanks");
    });
});

it("a client that pipelines and never reads stops being served, not the gateway", async () => {
  await using rig = await createRig(() => generous);
  const body = "x".repeat(50_000);
  let served = 0;
  rig.upstream.respond = (_request, peer) => {
    served++;
    peer.send(ok(body));
  };
  const client = rig.client();
  client.keeping = false;
  client.socket.pause();
  const count = 2_000;
  client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n".repeat(count));
  const stopped = await standstill(() => served);
  expect(stopped * body.length).toBeLessThan(inFlight);
  // What it was answered it still gets, and then the rest.
  client.socket.resume();
  await until("more", () => served >= stopped + 50);
  expect(client.error).toBeUndefined();
  client.destroy();
  await standstill(() => served);
  expect(served).toBeLessThan(count);
});

it("refusals that nobody reads stop too", async () => {
  await using rig = await createRig(() => generous);
  const client = rig.client();
  client.keeping = false;
  client.socket.pause();
  const request = "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(request.repeat(100_000));
  const stopped = await standstill(() => rig.log.length);
  expect(stopped).toBeGreaterThan(0);
  expect(stopped).toBeLessThan(50_000);
  client.socket.resume();
  await until("more", () => rig.log.length > stopped + 100);
});

describe("an answer before the end of the upload", () => {
  it("by the gateway, for a body beyond the limit, is read by a client that sends on", async () => {
    await using rig = await createRig();
    rig.upstream.keeping = false;
    for (const framing of [
      `Content-Length: ${large}`,
      "Transfer-Encoding: chunked",
    ]) {
      const client = rig.client();
      client.send(
        `POST /r HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n${framing.startsWith("T") ? `${large.toString(16)}\r\n` : ""}`,
      );
      pour(client.socket, large);
      const answer = await client.answer();
      expect(status(answer)).toBe(413);
      expect(value(answer, "connection")).toBe("close");
      await client.waitOver();
    }
    await until("the end of the upstream's connections", () =>
      rig.upstream.peers.every((peer) => peer.over),
    );
  });

  it("by the upstream passes at once, and neither connection is used again", async () => {
    await using rig = await createRig();
    rig.upstream.keeping = false;
    const client = rig.client();
    client.send(
      "POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc",
    );
    await until("the upload", () => rig.upstream.bytesReceived > 0);
    const [peer] = rig.upstream.peers;
    peer!.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    const answer = await client.answer();
    expect(status(answer)).toBe(413);
    expect(value(answer, "connection")).toBe("close");
    client.send("GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n");
    await client.waitOver();
    await until("the end of the upstream's connection", () => peer!.over);
    expect(client.error).toBeUndefined();
    expect(client.answers()).toHaveLength(1);
    rig.upstream.keeping = true;
    rig.upstream.respond = (_request, each) => each.send(ok("next"));
    const next = rig.client();
    next.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    expect((await next.answer()).body).toBe("next");
    expect(rig.upstream.peers[1]!.text).not.toContain("hidden");
  });

  it("by an upstream that then cuts the connection passes too", async () => {
    await using rig = await createRig();
    rig.upstream.keeping = false;
    rig.upstream.connected = (peer) =>
      peer.socket.once("data", () => {
        peer.send(
          "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
        );
        // With bytes unread, this is a reset: the gateway's next write fails.
        peer.socket.destroySoon();
      });
    for (let round = 0; round < 10; round++) {
      const client = rig.client();
      client.send(
        `POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n`,
      );
      pour(client.socket, 8_000_000);
      expect(status(await client.answer())).toBe(413);
      client.destroy();
    }
  });

  it("that goes on while the upload does lets both end", async () => {
    await using rig = await createRig();
    const client = rig.client();
    client.send(
      "POST /r HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    );
    await until("the upload", () => rig.upstream.text.includes("abc"));
    const [peer] = rig.upstream.peers;
    peer!.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123");
    await until("the answer", () => client.text.endsWith("123"));
    client.send("3\r\ndef\r\n0\r\n\r\n");
    await until("the rest", () => peer!.requests()[0]!.complete);
    expect(peer!.requests()[0]!.body).toBe("abcdef");
    peer!.send("456");
    expect((await client.answer()).body).toBe("123456");
  });
});
