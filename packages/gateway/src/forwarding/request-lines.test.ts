import { describe, expect, it } from "vitest";
import type { RequestHead } from "../message.ts";
import { requestFraming, requestLines } from "./request-lines.ts";

const head: RequestHead = {
  method: "GET",
  path: "/sent/../path",
  query: "?q=//../",
  authority: "h:80",
  absolute: false,
  minor: 1,
  fields: "",
  framing: "none",
  length: 0,
  declaresLength: false,
  keepAlive: true,
  expectContinue: false,
  via: "",
  forwardedFor: "",
  hasForwardedProto: false,
  hasForwardedHost: false,
  requestId: "",
  traceparent: "",
};

const lines = (changes: Partial<RequestHead>): string[] =>
  requestLines({
    head: { ...head, ...changes },
    fields: "Host: h:80\r\nX: y\r\n",
    path: "/path",
    remoteAddress: "1.2.3.4",
    requestId: "id",
    spanId: "00000000000000aa",
    traceOrigin: "00000000000000bb",
    pseudonym: "dp-x",
    added: "x-user: 1\r\n",
  }).split("\r\n");

describe("a request that travels on", () => {
  it("has the canonical path, the query as it came, its own lines and then the gateway's", () => {
    expect(lines({})).toEqual([
      "GET /path?q=//../ HTTP/1.1",
      "Host: h:80",
      "X: y",
      "x-forwarded-for: 1.2.3.4",
      "x-forwarded-proto: http",
      "x-forwarded-host: h:80",
      "x-request-id: id",
      "traceparent: 00-00000000000000bb00000000000000aa-00000000000000aa-01",
      "via: 1.1 dp-x",
      "x-user: 1",
      "",
    ]);
  });

  it("gets a Host line from an absolute target, and an empty one if there is no authority", () => {
    expect(lines({ absolute: true })[1]).toBe("host: h:80");
    const none = lines({ authority: "", minor: 0 });
    expect(none[1]).toBe("host: ");
    expect(none).toContain("via: 1.0 dp-x");
    expect(none.join()).not.toContain("x-forwarded-host");
  });

  it("goes on with what a trusted peer said", () => {
    const told = lines({
      forwardedFor: "9.9.9.9",
      hasForwardedProto: true,
      hasForwardedHost: true,
    });
    expect(told).toContain("x-forwarded-for: 9.9.9.9, 1.2.3.4");
    expect(told.join()).not.toMatch(/x-forwarded-(proto|host)/);
  });

  it("continues a trace under its own span, with the flags as they came", () => {
    const trace = "0af7651916cd43dd8448eb211c80319c";
    expect(lines({ traceparent: `00-${trace}-b7ad6b7169203331-00` })).toContain(
      `traceparent: 00-${trace}-00000000000000aa-00`,
    );
  });
});

describe("its framing", () => {
  it("is what was parsed: chunks, a length, an empty body that was declared, or none", () => {
    const framing = (changes: Partial<RequestHead>): string =>
      requestFraming({ ...head, ...changes });
    expect(framing({ framing: "chunked" })).toBe(
      "transfer-encoding: chunked\r\n\r\n",
    );
    expect(
      framing({ framing: "length", length: 5, declaresLength: true }),
    ).toBe("content-length: 5\r\n\r\n");
    expect(framing({ declaresLength: true })).toBe("content-length: 0\r\n\r\n");
    expect(framing({})).toBe("\r\n");
  });
});
