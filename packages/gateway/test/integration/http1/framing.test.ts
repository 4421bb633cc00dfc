import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Message, status, value } from "./message-reader.ts";
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

const head = (...lines: string[]): string =>
  ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");

/** Sends each piece once the one before it had time to arrive. */
const sendPieces = async (
  peer: UpstreamPeer,
  pieces: readonly string[],
): Promise<void> => {
  for (const piece of pieces) {
    peer.send(piece);
    await polled();
    await polled();
  }
};

const request = (version: string, ...lines: string[]): string =>
  [`GET /r HTTP/${version}`, "Host: h", ...lines, "", ""].join("\r\n");

describe("an answer whose length is not known when it begins", () => {
  const answers: Readonly<Record<string, { pieces: string[]; end: boolean }>> =
    {
      "in chunks": {
        pieces: [
          head("Transfer-Encoding: chunked"),
          "5\r\nabcde\r\n",
          "3\r\nf",
          "gh\r\n0\r\n\r\n",
        ],
        end: false,
      },
      "until the end": { pieces: [head(), "abcde", "f", "gh"], end: true },
      "of HTTP/1.0": {
        pieces: ["HTTP/1.0 200 OK\r\n\r\n", "abcdefgh"],
        end: true,
      },
    };
  for (const [name, { pieces, end }] of Object.entries(answers)) {
    const answer = async (_request: Message, peer: UpstreamPeer) => {
      await sendPieces(peer, pieces);
      if (end) peer.socket.end();
    };

    it(`${name} comes in chunks to an HTTP/1.1 client, whose connection stays`, async () => {
      rig.upstream.respond = (each, peer) => void answer(each, peer);
      const client = rig.client();
      for (const count of [1, 2]) {
        client.send(request("1.1"));
        const got = await client.answer(count);
        expect(value(got, "transfer-encoding")).toBe("chunked");
        expect(value(got, "content-length")).toBeUndefined();
        expect(value(got, "connection")).toBeUndefined();
        expect(got.body).toBe("abcdefgh");
      }
    });

    it(`${name} ends with the connection for an HTTP/1.0 client`, async () => {
      rig.upstream.respond = (each, peer) => void answer(each, peer);
      const client = rig.client();
      client.send(request("1.0", "Connection: keep-alive"));
      await client.waitOver();
      expect(client.error).toBeUndefined();
      const got = client.answers()[0]!;
      expect(got.delimited).toBe(false);
      expect(value(got, "connection")).toBe("close");
      expect(got.body).toBe("abcdefgh");
    });
  }
});

describe("a client's connection", () => {
  const kept: Readonly<
    Record<string, [version: string, line: string, stays: boolean]>
  > = {
    "stays by itself in HTTP/1.1": ["1.1", "X: y", true],
    "ends when an HTTP/1.1 client asks": ["1.1", "Connection: close", false],
    "ends when it is asked among others": [
      "1.1",
      "connection:x , CLOSE",
      false,
    ],
    "ends when it is asked both ways": [
      "1.1",
      "Connection: keep-alive, close",
      false,
    ],
    "ends by itself in HTTP/1.0": ["1.0", "X: y", false],
    "stays when an HTTP/1.0 client asks": [
      "1.0",
      "Connection: Keep-Alive",
      true,
    ],
    "ignores options it does not know": ["1.1", "Connection: keep", true],
  };
  for (const [name, [version, line, stays]] of Object.entries(kept))
    it(name, async () => {
      rig.upstream.respond = (_request, peer) => peer.send(ok("a"));
      const client = rig.client();
      client.send(request(version, line));
      const answer = await client.answer();
      const told = value(answer, "connection");
      if (stays) {
        expect(told).toBe(version === "1.0" ? "keep-alive" : undefined);
        client.send(request(version));
        await client.answer(2);
      } else {
        expect(told).toBe("close");
        await client.waitOver();
        expect(client.error).toBeUndefined();
      }
    });
});

describe("a request's body", () => {
  const echo = (each: Message, peer: UpstreamPeer): void =>
    peer.send(ok(each.body));

  it("in chunks of any cut arrives whole, in chunks", async () => {
    rig.upstream.respond = echo;
    const client = rig.client();
    const seen = rig.upstream.requests.length;
    const text =
      "POST /r HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nabcde\r\n1\r\nf\r\n002\r\ngh\r\n0\r\nX: y\r\n\r\n";
    let count = 0;
    for (let at = 1; at < text.length; at += 7) {
      client.send(text.slice(0, at));
      await polled();
      client.send(text.slice(at));
      expect((await client.answer(++count)).body).toBe("abcdefgh");
    }
    for (const each of rig.upstream.requests.slice(seen)) {
      expect(value(each, "transfer-encoding")).toBe("chunked");
      expect(value(each, "x")).toBeUndefined();
    }
  });

  it("with a length arrives with it, however it is cut", async () => {
    rig.upstream.respond = echo;
    const client = rig.client();
    const text =
      "PUT /r HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n\0\xff\r\n\r\n0\r\nz";
    await client.trickle(text);
    expect((await client.answer()).body).toBe("\0\xff\r\n\r\n0\r\nz");
  });
});

describe("pipelined requests", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const pipelined = names
    .map((name, index) =>
      index % 3 === 0
        ? `GET /${name} HTTP/1.1\r\nHost: h\r\n\r\n`
        : index % 3 === 1
          ? `POST /${name} HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\nGET /x HTTP/1.1\r\n\r\n`.concat(
              " ",
            )
          : `POST /${name} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    )
    .join("");

  it("are answered in order, even by an upstream that is slow for the first", async () => {
    const waiting: (() => void)[] = [];
    rig.upstream.respond = (each, peer) =>
      waiting.push(() => peer.send(ok(each.startLine)));
    const client = rig.client();
    client.send(pipelined);
    for (const [index, name] of names.entries()) {
      await until("the request", () => waiting.length > index);
      // One at a time: the next is not sent before this one's answer.
      await polled();
      expect(waiting).toHaveLength(index + 1);
      waiting[index]!();
      const answer = await client.answer(index + 1);
      expect(answer.body).toMatch(new RegExp(` /${name} HTTP/1.1$`));
    }
  });

  it("are answered one each, however they are cut", async () => {
    rig.upstream.respond = (each, peer) => peer.send(ok(each.startLine));
    for (const size of [1, 13, 50]) {
      const client = rig.client();
      await client.trickle(pipelined, size);
      await client.answer(names.length);
      expect(client.answers().map(({ body }) => body.split(" ")[1])).toEqual(
        names.map((name) => `/${name}`),
      );
      client.destroy();
    }
  });

  it("after a refused one that was understood are still answered", async () => {
    rig.upstream.respond = (each, peer) => peer.send(ok(each.startLine));
    const client = rig.client();
    client.send(
      `POST /%00 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcOPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n${request("1.1")}`,
    );
    expect((await client.answer(3)).body).toBe("GET /r HTTP/1.1");
    expect(client.answers().map(status)).toEqual([400, 204, 200]);
  });

  it("after one that was not understood are not", async () => {
    rig.upstream.respond = (each, peer) => peer.send(ok(each.startLine));
    const seen = rig.upstream.requests.length;
    const client = rig.client();
    client.send(`${request("1.1")}GET /b HTTP/1.1\r\n\r\n${request("1.1")}`);
    await client.waitOver();
    expect(client.answers().map(status)).toEqual([200, 400]);
    expect(rig.upstream.requests).toHaveLength(seen + 1);
  });

  it("after one that ends the connection are not", async () => {
    rig.upstream.respond = (each, peer) => peer.send(ok(each.startLine));
    const seen = rig.upstream.requests.length;
    const client = rig.client();
    client.send(request("1.1", "Connection: close") + request("1.1"));
    await client.waitOver();
    expect(client.answers()).toHaveLength(1);
    expect(rig.upstream.requests).toHaveLength(seen + 1);
  });

  it("after an answer that was cut are not", async () => {
    rig.upstream.respond = (_request, peer) => {
      peer.send(`${head("Content-Length: 10")}abc`);
      peer.socket.end();
    };
    const seen = rig.upstream.requests.length;
    const client = rig.client();
    client.send(request("1.1") + request("1.1"));
    await client.waitOver();
    expect(client.answers()).toHaveLength(0);
    expect(rig.upstream.requests).toHaveLength(seen + 1);
  });
});

describe("Expect: 100-continue", () => {
  const expecting =
    "POST /r HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";

  it("is answered by the gateway, and the upstream hears nothing of it", async () => {
    rig.upstream.respond = (each, peer) =>
      peer.send(`HTTP/1.1 100 Continue\r\n\r\n${ok(each.body)}`);
    const client = rig.client();
    client.send(expecting);
    await until("100", () => client.text === "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    expect((await client.answer()).body).toBe("abc");
    expect(client.messages().map(status)).toEqual([100, 200]);
    expect(value(rig.upstream.requests.at(-1)!, "expect")).toBeUndefined();
  });

  it("gets no 100 when the body is already there", async () => {
    rig.upstream.respond = (each, peer) => peer.send(ok(each.body));
    const client = rig.client();
    client.send(`${expecting}abc`);
    await client.answer();
    expect(client.messages().map(status)).toEqual([200]);
  });

  it("gets no 100 when the request is refused, and the connection ends", async () => {
    const client = rig.client();
    client.send(expecting.replace("/r", "/%00"));
    await client.waitOver();
    expect(client.messages().map(status)).toEqual([400]);
    expect(value(client.answers()[0]!, "connection")).toBe("close");
  });

  it("from HTTP/1.0 is ignored", async () => {
    rig.upstream.respond = (each, peer) => peer.send(ok(each.body));
    const client = rig.client();
    await client.trickle(`${expecting.replace("/1.1", "/1.0")}abc`);
    await client.waitOver();
    expect(client.messages().map(status)).toEqual([200]);
  });
});

it("no interim answer reaches an HTTP/1.0 client", async () => {
  rig.upstream.respond = (_request, peer) =>
    peer.send(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok("a")}`);
  const client = rig.client();
  client.send(request("1.0"));
  await client.waitOver();
  expect(client.messages().map(status)).toEqual([200]);
});

it("OPTIONS * is answered by the gateway itself", async () => {
  const seen = rig.upstream.requests.length;
  const client = rig.client();
  client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  expect(status(await client.answer())).toBe(204);
  expect(rig.upstream.requests).toHaveLength(seen);
});
