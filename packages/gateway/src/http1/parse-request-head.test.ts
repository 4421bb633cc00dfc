import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestHeadParser } from "./parse-request-head.ts";
import { INCOMPLETE, MALFORMED } from "./scan-fields.ts";

const identity: ReadonlySet<string> = new Set(["x-user-id"]);

/** What the naive reader below and the parser have to agree on. */
interface Reading {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly minor: number;
  readonly fields: string;
  readonly framing: string;
  readonly length: number;
  readonly keepAlive: boolean;
  readonly expectContinue: boolean;
  readonly via: string;
  readonly forwardedFor: string;
  readonly requestId: string;
  readonly traceparent: string;
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const requestLine = new RegExp(
  `^(${token}) ([\\x21-\\x22\\x24-\\x7e]+) HTTP/1\\.([01])$`,
);
const fieldLine = new RegExp(
  `^(${token}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`,
);
const host =
  /^(?:[\w\-.~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+(?::\d{0,5})?$|^\[[0-9a-f:.]+\](?::\d{0,5})?$/i;
const goodHost = (text: string): boolean =>
  host.test(text) && Number(/:(\d+)$/.exec(text)?.[1] ?? 0) <= 65_535;

const dropped = new Set(
  "connection keep-alive proxy-connection te trailer upgrade http2-settings transfer-encoding content-length expect x-request-id traceparent x-forwarded-for".split(
    " ",
  ),
);

/** Reads a whole head by splitting it at its line ends, straight from RFC 9110 and 9112; undefined if it is refused. */
const naive = (text: string, trusted: boolean): Reading | undefined => {
  const end = text.indexOf("\r\n\r\n");
  const [start = "", ...lines] = text.slice(0, end).split("\r\n");
  const line = requestLine.exec(start);
  if (line === null) return undefined;
  const [, method = "", target = "", version = ""] = line;
  const fields: { line: string; name: string; value: string }[] = [];
  for (const each of lines) {
    const match = fieldLine.exec(each);
    if (match === null) return undefined;
    const name = match[1]!.toLowerCase();
    if (!name.includes("_"))
      fields.push({ line: each, name, value: match[2]! });
  }
  const all = (name: string): string[] =>
    fields.filter((each) => each.name === name).map((each) => each.value);
  const joined = (name: string): string =>
    all(name)
      .filter((each) => each !== "")
      .join(", ");

  const hosts = all("host");
  if (hosts.length > 1 || (hosts.length === 0 && version === "1"))
    return undefined;
  if (hosts.some((each) => !goodHost(each))) return undefined;
  const lengths = all("content-length");
  const codings = all("transfer-encoding");
  if (lengths.length + codings.length > 1) return undefined;
  if (lengths.some((each) => !/^\d{1,15}$/.test(each))) return undefined;
  if (codings.some((each) => each.toLowerCase() !== "chunked"))
    return undefined;
  if (codings.length > 0 && version === "0") return undefined;
  const expectations = all("expect");
  if (expectations.some((each) => each.toLowerCase() !== "100-continue"))
    return undefined;
  if (method === "CONNECT" || method === "TRACE") return undefined;

  let authority = hosts[0] ?? "";
  let path = target;
  const absolute = /^http:\/\/([^/?]*)(.*)$/i.exec(target);
  if (absolute !== null) {
    authority = absolute[1]!;
    if (!goodHost(authority)) return undefined;
    path = absolute[2]!.startsWith("/") ? absolute[2]! : `/${absolute[2]!}`;
  } else if (
    !target.startsWith("/") &&
    !(method === "OPTIONS" && target === "*")
  )
    return undefined;

  const options = all("connection")
    .join(",")
    .toLowerCase()
    .split(",")
    .map((each) => each.replace(/^[\t ]+|[\t ]+$/g, ""));
  const unremovable = ["host", "via", "x-forwarded-proto", "x-forwarded-host"];
  const named = options.filter((each) => !unremovable.includes(each));
  const travels = ({ name }: { name: string }): boolean =>
    !dropped.has(name) &&
    !identity.has(name) &&
    !named.includes(name) &&
    !(absolute !== null && name === "host") &&
    (trusted ||
      !(
        name.startsWith("x-forwarded-") ||
        name === "forwarded" ||
        name === "x-real-ip"
      ));
  const validTrace = all("traceparent").filter(
    (each) =>
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(each) &&
      !each.startsWith(`00-${"0".repeat(32)}`) &&
      each.slice(36, 52) !== "0".repeat(16),
  );
  const ids = all("x-request-id").filter(
    (each) => each.length <= 128 && new RegExp(`^${token}$`).test(each),
  );
  return {
    method,
    target: path,
    authority,
    minor: Number(version),
    fields: fields
      .filter(travels)
      .map((each) => `${each.line}\r\n`)
      .join(""),
    framing:
      codings.length > 0
        ? "chunked"
        : Number(lengths[0] ?? 0) > 0
          ? "length"
          : "none",
    length: Number(lengths[0] ?? 0),
    keepAlive: options.includes("close")
      ? false
      : version === "1" || options.includes("keep-alive"),
    expectContinue: expectations.length > 0 && version === "1",
    via: joined("via"),
    forwardedFor: trusted ? joined("x-forwarded-for") : "",
    requestId: trusted ? (ids[0] ?? "") : "",
    traceparent: validTrace.at(-1) ?? "",
  };
};

const parser = new RequestHeadParser();

const reading = (): Reading => {
  const { head } = parser;
  return {
    method: head.method,
    target: head.path + head.query,
    authority: head.authority,
    minor: head.minor,
    fields: head.fields,
    framing: head.framing,
    length: head.length,
    keepAlive: head.keepAlive,
    expectContinue: head.expectContinue,
    via: head.via,
    forwardedFor: head.forwardedFor,
    requestId: head.requestId,
    traceparent: head.traceparent,
  };
};

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const names = [
  "Host",
  "content-length",
  "Transfer-Encoding",
  "Connection",
  "Expect",
  "X-Forwarded-For",
  "x-forwarded-proto",
  "X-Forwarded-Host",
  "Forwarded",
  "X-Real-IP",
  "X-Request-Id",
  "TraceParent",
  "Via",
  "TE",
  "Trailer",
  "Upgrade",
  "Keep-Alive",
  "Proxy-Connection",
  "HTTP2-Settings",
  "X-User-Id",
  "X_User_Id",
  "X",
  "X-Hop",
];
const texts = [
  "h",
  "h:80",
  "h:65536",
  "[::1]:80",
  "h%41",
  "0",
  "5",
  "05",
  "5,5",
  "+5",
  "999999999999999",
  "1000000000000000",
  "chunked",
  "CHUNKED",
  "chunked, chunked",
  "gzip, chunked",
  "close",
  "keep-alive",
  "x-hop, close",
  "X-Hop,host,via",
  "x-forwarded-for, x-forwarded-host",
  "100-continue",
  "100-Continue",
  "other",
  "",
  "a, b",
  "1.1 a",
  trace,
  "0123-abcDEF",
  "x".repeat(129),
  "\t \xe9",
];
const startLines = [
  "GET / HTTP/1.1",
  "POST /a/b?c=d?e HTTP/1.1",
  "GET / HTTP/1.0",
  "OPTIONS * HTTP/1.1",
  "GET * HTTP/1.1",
  "GET http://a:81/b?c HTTP/1.1",
  "GET HTTP://a HTTP/1.1",
  "GET http://a?b HTTP/1.0",
  "GET http://u@a/ HTTP/1.1",
  "GET /a#b HTTP/1.1",
  "TRACE / HTTP/1.1",
  "CONNECT a:1 HTTP/1.1",
  "get /\\^ HTTP/1.1",
];
const line = fc
  .tuple(
    fc.constantFrom(...names),
    fc.constantFrom(":", ":", ":", ": ", ":\t ", " :", ""),
    fc.constantFrom(...texts),
    fc.constantFrom("", "", "", " ", "\t"),
  )
  .map((parts) => parts.join(""));
const valid = fc
  .tuple(
    fc.constantFrom(...startLines),
    fc.constantFrom("Host: h", "host:h:80 ", "X: y"),
    fc.array(line, { maxLength: 6 }),
  )
  .map(([start, ...rest]) => [start, ...rest.flat(), "", ""].join("\r\n"));

/** Bytes that tear heads apart. */
const crumbs = [
  ..."\r\n\t :,;\0\x0b\x7f\x80\xff_-/#?*()\"'5aH".split(""),
  "\r\n",
  "\r\n ",
  "\n\n",
  "\r\r\n",
  "Host: x\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 5\r\n",
];
const mutated = fc
  .tuple(
    valid,
    fc.array(
      fc.record({
        at: fc.nat(400),
        remove: fc.nat(2),
        insert: fc.constantFrom("", ...crumbs),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([text, edits]) => {
    let out = text;
    for (const { at, remove, insert } of edits) {
      const place = at % (out.length + 1);
      out = out.slice(0, place) + insert + out.slice(place + remove);
    }
    return out.includes("\r\n\r\n") ? out : `${out}\r\n\r\n`;
  });

const runs = 6_000;

describe("the request head parser", () => {
  it("accepts, refuses and keeps what a naive reader does", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(valid, mutated), fc.boolean(), (text, trusted) => {
        const expected = naive(text, trusted);
        const end = parser.parse(text, 0, trusted, identity);
        if (expected === undefined) {
          expect(end).toBe(MALFORMED);
          expect(parser.fault).not.toBe("");
          return;
        }
        accepted++;
        expect(end).toBe(text.indexOf("\r\n\r\n") + 4);
        expect(reading()).toEqual(expected);
      }),
      { numRuns: runs, seed: 1 },
    );
    // Both answers have to be common, or the property says little.
    expect(accepted).toBeGreaterThan(runs / 10);
    expect(accepted).toBeLessThan(runs * 0.9);
  });

  it("reads on from any offset, and asks for more of any prefix of a good head", () => {
    fc.assert(
      fc.property(valid, fc.string({ maxLength: 9 }), (text, before) => {
        const end = parser.parse(text, 0, true, identity);
        if (end === MALFORMED) return;
        const whole = reading();
        expect(parser.parse(before + text, before.length, true, identity)).toBe(
          end + before.length,
        );
        expect(reading()).toEqual(whole);
        for (let cut = 0; cut < end; cut++)
          expect(
            parser.parse(text.slice(0, cut), 0, true, identity),
            text.slice(0, cut),
          ).toBe(INCOMPLETE);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it("never refuses a prefix of a head that it would accept, nor accepts one", () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const end = parser.parse(text, 0, false, identity);
        for (let cut = 0; cut < text.length; cut++) {
          const early = parser.parse(text.slice(0, cut), 0, false, identity);
          if (end === MALFORMED) expect(early).toBeLessThan(0);
          else expect(early).toBe(cut < end ? INCOMPLETE : end);
        }
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it("names the status: 414, 417, 501 and 505 besides 400", () => {
    const answers: [string, number][] = [
      [`GET /${"x".repeat(8192)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
      [`GET /${"x".repeat(8192)}`, 414],
      ["GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417],
      ["TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501],
      ["POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501],
      ["GET / HTTP/3.0\r\n", 505],
      ["GET / HTTP/1.1\n", 400],
    ];
    for (const [text, status] of answers) {
      expect(parser.parse(text, 0, false, identity)).toBe(MALFORMED);
      expect(parser.status).toBe(status);
    }
    // What one refusal left behind does not colour the next head.
    expect(
      parser.parse("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0, false, identity),
    ).toBeGreaterThan(0);
    expect(parser.fault).toBe("");
  });
});
