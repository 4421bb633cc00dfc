import { describe, expect, it } from "vitest";
import { status, value } from "./message-reader.ts";
import { createRig } from "./rig.ts";
import { ok } from "./scripted-upstream.ts";
import { polled, until } from "./wait.ts";

const get = "GET /r HTTP/1.1\r\nHost: h\r\n\r\n";

describe("a client that leaves", () => {
  for (const [manner, leave] of [
    ["by closing", "destroy"],
    ["by a reset", "resetAndDestroy"],
    ["by ending its side", "end"],
  ] as const) {
    it(`${manner} before the answer takes its upstream request along`, async () => {
      await using rig = await createRig();
      const client = rig.client();
      client.send(get);
      await until("the request", () => rig.upstream.requests.length === 1);
      client.socket[leave]();
      await until("the upstream's end", () => rig.upstream.peers[0]!.over);
      await until("the log", () => rig.log.length === 1);
      expect(rig.log[0]).toMatchObject({ status: 499 });
    });

    it(`${manner} during the answer takes its upstream request along`, async () => {
      await using rig = await createRig();
      rig.upstream.respond = (_request, peer) =>
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
      const client = rig.client();
      client.send(get);
      await until("the answer", () => client.text.endsWith("abc"));
      client.socket[leave]();
      await until("the upstream's end", () => rig.upstream.peers[0]!.over);
      await until("the log", () => rig.log.length === 1);
      expect(rig.log[0]).toMatchObject({ status: 200 });
      expect(rig.log[0]!["error"]).toBeDefined();
    });

    it(`${manner} during its upload takes its upstream request along`, async () => {
      await using rig = await createRig();
      const client = rig.client();
      client.send(
        "POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
      );
      await until("the upload", () => rig.upstream.text.endsWith("abc"));
      client.socket[leave]();
      await until("the upstream's end", () => rig.upstream.peers[0]!.over);
      expect(rig.upstream.requests[0]!.complete).toBe(false);
      await until("the log", () => rig.log.length === 1);
      expect(rig.log[0]).toMatchObject({ status: 499 });
    });

    it(`${manner} between requests ends its connection only`, async () => {
      await using rig = await createRig();
      rig.upstream.respond = (_request, peer) => peer.send(ok("a"));
      const client = rig.client();
      client.send(get);
      await client.answer();
      client.socket[leave]();
      await until(
        "the end of the connection",
        () => rig.metric("dp_gateway_connections") === 0,
      );
      expect(rig.upstream.peers[0]!.over).toBe(false);
    });
  }

  it("in the middle of a head is not a request", async () => {
    await using rig = await createRig();
    const client = rig.client();
    client.send(get.slice(0, -2));
    await polled();
    client.socket.end();
    await client.waitOver();
    expect(client.text).toBe("");
    expect(rig.upstream.peers).toHaveLength(0);
  });

  it("before its upstream is connected leaves no connection being made behind", async () => {
    await using rig = await createRig();
    for (let round = 0; round < 20; round++) {
      const client = rig.client();
      client.send(get);
      await polled();
      client.socket.resetAndDestroy();
    }
    await until(
      "the end of all connections",
      () => rig.metric("dp_gateway_connections") === 0,
    );
    await until("the end of all upstream requests", () =>
      rig.upstream.peers.every(
        (peer) => peer.over || peer.requests().length === 0,
      ),
    );
  });
});

describe("a client that is slow", () => {
  it("with its head is answered 408 when the whole time is up, however it dribbles", async () => {
    await using rig = await createRig(() => ({ clients: { header: "10s" } }));
    rig.upstream.respond = (_request, peer) => peer.send(ok("a"));
    const client = rig.client();
    // The first answer shows that the half head behind it was read too.
    client.send(`${get}GET /r HTTP/1.1\r\nHost: h\r\n`);
    await client.answer();
    for (let second = 1; second < 10; second++) {
      await rig.clock.advance(1_000);
      client.send(`X: ${second}\r\n`);
      await polled();
      expect(client.answers()).toHaveLength(1);
    }
    await rig.clock.advance(1_100);
    const answer = await client.answer(2);
    expect(status(answer)).toBe(408);
    expect(value(answer, "connection")).toBe("close");
    await client.waitOver();
    expect(client.error).toBeUndefined();
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it("to begin gets no answer when it is cut off", async () => {
    await using rig = await createRig(() => ({ clients: { header: "10s" } }));
    for (const sent of ["", "\r", "\r\n"]) {
      const client = rig.client();
      client.send(sent);
      await until(
        "the connection",
        () => rig.metric("dp_gateway_connections") === 1,
      );
      await polled();
      await rig.clock.advance(9_900);
      await polled();
      expect(client.over).toBe(false);
      await rig.clock.advance(200);
      await client.waitOver();
      expect(client.text).toBe("");
      await until("none", () => rig.metric("dp_gateway_connections") === 0);
    }
  });

  it("with its body is answered 408, and the upstream's request is cut", async () => {
    await using rig = await createRig(() => ({
      clients: { idle: "20s" },
      defaults: { timeout: { total: "1h", attempt: "1h" } },
    }));
    const client = rig.client();
    client.send("POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na");
    await until("the upload", () => rig.upstream.text.endsWith("a"));
    for (const byte of "bcd") {
      await rig.clock.advance(19_000);
      client.send(byte);
      await until("the byte", () => rig.upstream.text.endsWith(byte));
    }
    await rig.clock.advance(20_100);
    expect(status(await client.answer())).toBe(408);
    await client.waitOver();
    await until("the upstream's end", () => rig.upstream.peers[0]!.over);
    expect(rig.upstream.requests[0]!.complete).toBe(false);
  });

  it("to ask again is disconnected, in order and without a word", async () => {
    await using rig = await createRig(() => ({ clients: { idle: "60s" } }));
    rig.upstream.respond = (_request, peer) => peer.send(ok("a"));
    const client = rig.client();
    for (const count of [1, 2, 3]) {
      client.send(get);
      await client.answer(count);
      await rig.clock.advance(59_900);
      await polled();
      expect(client.over).toBe(false);
    }
    await rig.clock.advance(200);
    await client.waitOver();
    expect(client.error).toBeUndefined();
    expect(client.answers()).toHaveLength(3);
  });

  it("to read is cut off, and its upstream request with it", async () => {
    await using rig = await createRig(() => ({
      clients: { write: "30s" },
      defaults: { timeout: { total: "1h", attempt: "1h", idle: "1h" } },
    }));
    rig.upstream.respond = (_request, { socket }) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536)));
      };
      socket.on("drain", more);
      more();
    };
    const client = rig.client();
    client.socket.pause();
    client.send(get);
    await until("the request", () => rig.upstream.requests.length === 1);
    const { socket } = rig.upstream.peers[0]!;
    let last = -1;
    let same = 0;
    await until("a standstill", () => {
      same = socket.bytesWritten === last ? same + 1 : 0;
      last = socket.bytesWritten;
      return same > 100;
    });
    await rig.clock.advance(30_100);
    await until("the upstream's end", () => rig.upstream.peers[0]!.over);
    await until("the log", () => rig.log.length === 1);
  });

  it("once is not forgotten afterwards: its idle connection still ends", async () => {
    await using rig = await createRig(() => ({
      clients: { idle: "60s" },
      defaults: { timeout: { total: "1h", attempt: "1h", idle: "1h" } },
    }));
    const size = 16 * 1024 * 1024;
    rig.upstream.respond = (_request, { socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    };
    const client = rig.client();
    client.keeping = false;
    client.socket.pause();
    client.send(get);
    await until("the request", () => rig.upstream.requests.length === 1);
    for (let round = 0; round < 200; round++) await polled();
    client.socket.resume();
    await until("the answer", () => client.bytesReceived > size);
    await until("the log", () => rig.log.length === 1);
    await polled();
    await rig.clock.advance(60_100);
    await client.waitOver();
    expect(client.error).toBeUndefined();
  });

  it("to close its side after the gateway has is cut off soon", async () => {
    await using rig = await createRig();
    const client = rig.client();
    client.send("nonsense\r\n\r\n");
    await client.waitOver();
    expect(rig.metric("dp_gateway_connections")).toBe(1);
    await polled();
    await rig.clock.advance(2_100);
    await until("none", () => rig.metric("dp_gateway_connections") === 0);
  });
});
