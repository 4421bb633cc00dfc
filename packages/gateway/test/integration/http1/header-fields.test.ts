import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Message, status, value, values } from "./message-reader.ts";
import { createRig, type Rig, steadfast } from "./rig.ts";
import { ok } from "./scripted-upstream.ts";

/** What the upstream sees of a request with these lines. */
const forwarded = async (
  rig: Rig,
  lines: readonly string[],
  start = "GET /r HTTP/1.1",
): Promise<Message> => {
  rig.upstream.respond = (_request, peer) => peer.send(ok("a"));
  const client = rig.client();
  const seen = rig.upstream.requests.length;
  client.send([start, ...lines, "", ""].join("\r\n"));
  expect(status(await client.answer())).toBe(200);
  client.destroy();
  const requests = rig.upstream.requests;
  expect(requests).toHaveLength(seen + 1);
  return requests[requests.length - 1]!;
};

/** Names and values without those the gateway adds. */
const own = new Set([
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-request-id",
  "traceparent",
  "via",
]);
const rest = (message: Message): string[] =>
  message.fields
    .filter(([name]) => !own.has(name))
    .map(([name, text]) => `${name}: ${text}`);

describe("a request's lines", () => {
  it("travel on in order, case and number, without those of the connection", async () => {
    await using rig = await createRig();
    const request = await forwarded(rig, [
      "hOsT: h:80",
      "X-B: 1",
      "Connection: X-Hop, x-HOP2 ,, close-not,\tTE",
      "x-a: 2",
      "X-hop: 3",
      "X-Hop2: 4",
      "Cookie: a=b",
      "cookie: c=d",
      "Keep-Alive: timeout=5",
      "Proxy-Connection: keep-alive",
      "TE: trailers",
      "Trailer: X-T",
      "Upgrade: websocket",
      "HTTP2-Settings: AAMAAABk",
      "X-B: 5",
      "connection: x-hop3",
      "x-hop3: 6",
      "X-Hop4: 7",
    ]);
    expect(rest(request)).toEqual([
      "hOsT: h:80",
      "X-B: 1",
      "x-a: 2",
      "Cookie: a=b",
      "cookie: c=d",
      "X-B: 5",
      "X-Hop4: 7",
    ]);
  });

  it("of forwarding are the gateway's own when the peer is not trusted, whatever it sends", async () => {
    await using rig = await createRig();
    for (const connection of ["keep-alive", [...own, "host"].join(", ")]) {
      const request = await forwarded(rig, [
        "Host: h:80",
        `Connection: ${connection}`,
        "X-Forwarded-For: 1.2.3.4",
        "x-forwarded-proto: https",
        "X-FORWARDED-HOST: evil",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Anything: 1",
        "X-Forwarded_For: 1.2.3.4",
        "X_Forwarded_For: 1.2.3.4",
        "Forwarded: for=1.2.3.4",
        "X-Real-IP: 1.2.3.4",
        "X-Request-Id: 0123456789abcdef",
        "Traceparent: 00-zz",
      ]);
      expect(values(request, "x-forwarded-for")).toEqual(["127.0.0.1"]);
      expect(values(request, "x-forwarded-proto")).toEqual(["http"]);
      expect(values(request, "x-forwarded-host")).toEqual(["h:80"]);
      expect(values(request, "x-request-id")).toHaveLength(1);
      expect(value(request, "x-request-id")).toMatch(/^[0-9a-f]{16}$/);
      expect(value(request, "x-request-id")).not.toBe("0123456789abcdef");
      expect(values(request, "via")).toHaveLength(1);
      expect(values(request, "traceparent")).toHaveLength(1);
      expect(rest(request)).toEqual(["Host: h:80"]);
    }
  });

  it("of forwarding are believed from a trusted peer, and Connection cannot remove them", async () => {
    await using rig = await createRig(() => ({ trust: ["127.0.0.0/8"] }));
    for (const connection of ["keep-alive", [...own, "host"].join(", ")]) {
      const request = await forwarded(rig, [
        "Host: h",
        `Connection: ${connection}`,
        "X-Forwarded-For: 1.2.3.4",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: public",
        "x-forwarded-for: 5.6.7.8",
        "X-Request-Id: 0123-4567-89AB-cdef",
        "Via: 1.0 front",
      ]);
      expect(values(request, "x-forwarded-for")).toEqual([
        "1.2.3.4, 5.6.7.8, 127.0.0.1",
      ]);
      expect(values(request, "x-forwarded-proto")).toEqual(["https"]);
      expect(values(request, "x-forwarded-host")).toEqual(["public"]);
      expect(values(request, "x-request-id")).toEqual(["0123-4567-89AB-cdef"]);
      expect(values(request, "via")[0]).toBe("1.0 front");
      expect(values(request, "via")).toHaveLength(2);
    }
    const odd = await forwarded(rig, ["Host: h", 'X-Request-Id: a"b']);
    expect(value(odd, "x-request-id")).toMatch(/^[0-9a-f]{16}$/);
  });

  it("of the trace continue a valid one and begin another in place of a broken one", async () => {
    await using rig = await createRig();
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const span = "b7ad6b7169203331";
    const sent = `00-${trace}-${span}-00`;
    const continued = value(
      await forwarded(rig, ["Host: h", `TraceParent: ${sent}`]),
      "traceparent",
    )!;
    expect(continued).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
    expect(continued).not.toContain(span);
    const broken = [
      "",
      "00",
      `00-${trace.toUpperCase()}-${span}-00`,
      `00-${"0".repeat(32)}-${span}-00`,
      `00-${trace}-${"0".repeat(16)}-00`,
      `ff-${trace}-${span}-00`,
      `${sent}-extra`,
      `00-${trace}-${span}-0`,
    ];
    for (const each of broken) {
      const begun = value(
        await forwarded(rig, ["Host: h", `traceparent: ${each}`]),
        "traceparent",
      );
      expect(begun, each).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(begun).not.toContain(trace);
    }
  });

  it("of identity are the gateway's alone on every route, `_` twins too", async () => {
    const digest = createHash("sha256").update("key").digest("hex");
    await using rig = await createRig((port) => ({
      services: { a: steadfast(port) },
      auth: {
        staff: {
          apiKey: { keys: [{ id: "ann", sha256: digest }] },
          forward: { "x-user-id": "id" },
        },
      },
      routes: [
        { path: "/open/**", to: "a" },
        { path: "/closed/**", to: "a", auth: "staff" },
      ],
    }));
    const forged = [
      "Host: h",
      "X-User-Id: root",
      "x-user-id: root",
      "X_User_Id: root",
      "x-user_id: root",
    ];
    const open = await forwarded(rig, forged, "GET /open/a HTTP/1.1");
    expect(rest(open)).toEqual(["Host: h"]);
    for (const connection of ["x", "x-user-id, X-Api-Key-Not"]) {
      const closed = await forwarded(
        rig,
        [...forged, "X-Api-Key: key", `Connection: ${connection}`],
        "GET /closed/a HTTP/1.1",
      );
      expect(rest(closed)).toEqual(["Host: h", "x-user-id: ann"]);
    }
    const client = rig.client();
    client.send(
      "GET /closed/a HTTP/1.1\r\nHost: h\r\nConnection: x-api-key\r\nX-Api-Key: key\r\n\r\n",
    );
    expect(status(await client.answer())).toBe(401);
  });
});

describe("Via", () => {
  it("tells the protocol each side spoke, and a request that comes back is answered 508", async () => {
    await using rig = await createRig();
    const request = await forwarded(
      rig,
      ["Host: h", "Via: 1.1 a, 1.0 b"],
      "GET /r HTTP/1.0",
    );
    const [before, added] = values(request, "via");
    expect(before).toBe("1.1 a, 1.0 b");
    expect(added).toMatch(/^1\.0 dp-[0-9a-f]{16}$/);

    const seen = rig.upstream.requests.length;
    const client = rig.client();
    client.send(
      `GET /r HTTP/1.1\r\nHost: h\r\nVia: 1.1 x, ${added!}, 1.1 y\r\n\r\n`,
    );
    expect(status(await client.answer())).toBe(508);
    client.send(
      `GET /r HTTP/1.1\r\nHost: h\r\nVia: 1.1 x\r\nConnection: via\r\nvia: ${added!}\r\n\r\n`,
    );
    expect(status(await client.answer(2))).toBe(508);
    expect(rig.upstream.requests).toHaveLength(seen);

    rig.upstream.respond = (_request, peer) =>
      peer.send(ok("a", "Via: 1.1 inner\r\n"));
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    const answer = await client.answer(3);
    expect(values(answer, "via")).toEqual([
      "1.1 inner",
      expect.stringMatching(/^1\.1 dp-[0-9a-f]{16}$/),
    ]);
  });
});

describe("an answer's lines", () => {
  it("travel on in order, case and number, without those of the connection", async () => {
    await using rig = await createRig();
    rig.upstream.respond = (_request, peer) =>
      peer.send(
        ok(
          "a",
          [
            "Set-Cookie: b=1, 2; Path=/",
            "SERVER: x",
            "set-cookie: a=2",
            "Connection: X-Hop, content-length, x-request-id",
            "X-Hop: 1",
            "X-Request-Id: upstream",
            "Keep-Alive: timeout=5",
            "Proxy-Connection: x",
            "Upgrade: h2c",
            "Trailer: x",
            "Set-Cookie: b=3",
            "Date: Thu, 01 Jan 1970 00:00:00 GMT",
            "x_under: \xe9",
            "",
          ].join("\r\n"),
        ),
      );
    const client = rig.client();
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    const answer = await client.answer();
    const id = value(answer, "x-request-id");
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(id).toBe(value(rig.upstream.requests[0]!, "x-request-id"));
    expect(rig.log.at(-1)).toMatchObject({ requestId: id, status: 200 });
    expect(
      answer.fields
        .filter(([name]) => name !== "via" && name !== "x-request-id")
        .map(([name, text]) => `${name}: ${text}`),
    ).toEqual([
      "Set-Cookie: b=1, 2; Path=/",
      "SERVER: x",
      "set-cookie: a=2",
      "Set-Cookie: b=3",
      "Date: Thu, 01 Jan 1970 00:00:00 GMT",
      "x_under: \xe9",
      "content-length: 1",
    ]);
  });

  it("get a date when the upstream gave none", async () => {
    await using rig = await createRig();
    rig.upstream.respond = (_request, peer) => peer.send(ok("a"));
    await rig.clock.advance(86_400_000);
    const client = rig.client();
    client.send("GET /r HTTP/1.1\r\nHost: h\r\n\r\n");
    expect(values(await client.answer(), "date")).toEqual([
      "Fri, 02 Jan 1970 00:00:00 GMT",
    ]);
  });
});
