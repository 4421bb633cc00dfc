import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResponseHead } from "../message.ts";
import { ResponseHeadParser } from "./parse-response-head.ts";
import { INCOMPLETE, MALFORMED } from "./scan-fields.ts";

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const value = "[\\t\\x20-\\x7e\\x80-\\xff]*";
const statusLine = new RegExp(
  `^HTTP/1\\.([01]) ([1-5][0-9][0-9])((?: ${value})?)$`,
);
const fieldLine = new RegExp(`^(${token}):[ \\t]*(${value}?)[ \\t]*$`);
const dropped = new Set(
  "connection keep-alive proxy-connection te trailer upgrade transfer-encoding content-length x-request-id".split(
    " ",
  ),
);

/** Reads a whole head by splitting it at its line ends, straight from RFC 9110 and 9112; undefined if it is refused. */
const naive = (text: string, method: string): ResponseHead | undefined => {
  const end = text.indexOf("\r\n\r\n");
  const [start = "", ...lines] = text.slice(0, end).split("\r\n");
  const first = statusLine.exec(start);
  if (first === null) return undefined;
  const [, minor = "", code = "", reason = ""] = first;
  const fields: { line: string; name: string; value: string }[] = [];
  for (const line of lines) {
    const match = fieldLine.exec(line);
    if (match === null) return undefined;
    fields.push({ line, name: match[1]!.toLowerCase(), value: match[2]! });
  }
  const all = (name: string): string[] =>
    fields.filter((each) => each.name === name).map((each) => each.value);
  const lengths = all("content-length");
  const codings = all("transfer-encoding");
  if (lengths.length + codings.length > 1) return undefined;
  if (lengths.some((each) => !/^\d{1,15}$/.test(each))) return undefined;
  if (codings.some((each) => each.toLowerCase() !== "chunked"))
    return undefined;
  if (codings.length > 0 && minor === "0") return undefined;
  const named = all("connection")
    .join(",")
    .toLowerCase()
    .split(",")
    .map((each) => each.replace(/^[\t ]+|[\t ]+$/g, ""));
  const status = Number(code);
  const bodiless =
    method === "HEAD" || status < 200 || status === 204 || status === 304;
  const framing = bodiless
    ? "none"
    : codings.length > 0
      ? "chunked"
      : lengths.length > 0
        ? "length"
        : "close";
  const timeouts = all("keep-alive").flatMap((each) => {
    const match = /(?:^|[,;\s])timeout=(\d{1,7})/i.exec(each);
    return match === null ? [] : [Number(match[1]) * 1000];
  });
  return {
    status,
    statusText: `${code}${reason === "" ? " " : reason}`,
    fields: fields
      .filter(({ name }) => !dropped.has(name) && !named.includes(name))
      .map(({ line }) => `${line}\r\n`)
      .join(""),
    framing,
    length: status < 200 || status === 204 ? -1 : Number(lengths[0] ?? -1),
    keepAlive:
      framing !== "close" &&
      !named.includes("close") &&
      (minor === "1" || named.includes("keep-alive")),
    keepAliveMs: timeouts.at(-1) ?? Infinity,
    retryAfter: all("retry-after").at(-1) ?? "",
    eventStream: (all("content-type").at(-1) ?? "")
      .toLowerCase()
      .startsWith("text/event-stream"),
    hasDate: all("date").length > 0,
  };
};

const line = fc
  .tuple(
    fc.constantFrom(
      "Content-Length",
      "content-length",
      "Transfer-Encoding",
      "Connection",
      "Keep-Alive",
      "Content-Type",
      "Retry-After",
      "Date",
      "Set-Cookie",
      "X-Request-Id",
      "Upgrade",
      "TE",
      "Trailer",
      "Proxy-Connection",
      "x_y",
      "X-Hop",
    ),
    fc.constantFrom(":", ":", ": ", ":\t ", " :", ""),
    fc.constantFrom(
      "0",
      "5",
      "5, 5",
      "+5",
      "999999999999999",
      "9999999999999999",
      "chunked",
      "Chunked",
      "chunked, chunked",
      "gzip",
      "close",
      "Keep-Alive",
      "x-hop, keep-alive, close",
      "X-Hop\t,",
      "timeout=5, max=9",
      "max=1;timeout=60",
      "text/event-stream; charset=utf-8",
      "TEXT/event-stream",
      "text/event",
      "",
      "\xe9 a",
    ),
    fc.constantFrom("", "", " ", "\t"),
  )
  .map((parts) => parts.join(""));

const valid = fc
  .tuple(
    fc.constantFrom(
      "HTTP/1.1 200 OK",
      "HTTP/1.1 200 OK",
      "HTTP/1.0 200 OK",
      "HTTP/1.1 200",
      "HTTP/1.1 500 ",
      "HTTP/1.1 204 No\t\xe9",
      "HTTP/1.1 304 x",
      "HTTP/1.1 103 Early",
      "HTTP/1.1 600 x",
      "HTTP/1.1 099 x",
      "HTTP/1.2 200 OK",
      "http/1.1 200 OK",
      "HTTP/1.1 2000 OK",
      "HTTP/1.1  200 OK",
    ),
    fc.array(line, { maxLength: 5 }),
  )
  .map(([start, lines]) => [start, ...lines, "", ""].join("\r\n"));

const mutated = fc
  .tuple(
    valid,
    fc.array(
      fc.record({
        at: fc.nat(200),
        remove: fc.nat(2),
        insert: fc.constantFrom(
          "",
          ..."\r\n\t :\0\x0b\x7f\xff0H".split(""),
          "\r\n",
          "\r\n ",
        ),
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

const method = fc.constantFrom("GET", "GET", "HEAD");
const parser = new ResponseHeadParser();

describe("the response head parser", () => {
  it("accepts, refuses and keeps what a naive reader does", () => {
    const runs = 6_000;
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(valid, mutated), method, (text, asked) => {
        const expected = naive(text, asked);
        const end = parser.parse(text, 0, asked);
        if (expected === undefined) {
          expect(end).toBe(MALFORMED);
          expect(parser.fault).not.toBe("");
          return;
        }
        accepted++;
        expect(end).toBe(text.indexOf("\r\n\r\n") + 4);
        expect(parser.head).toEqual(expected);
      }),
      { numRuns: runs, seed: 1 },
    );
    expect(accepted).toBeGreaterThan(runs / 10);
    expect(accepted).toBeLessThan(runs * 0.9);
  });

  it("reads on from any offset, and refuses no prefix of what it accepts", () => {
    fc.assert(
      fc.property(mutated, fc.string({ maxLength: 9 }), (text, before) => {
        const end = parser.parse(text, 0, "GET");
        const moved = parser.parse(before + text, before.length, "GET");
        expect(moved).toBe(end < 0 ? end : end + before.length);
        for (let cut = 0; cut < text.length; cut++) {
          const early = parser.parse(text.slice(0, cut), 0, "GET");
          if (end === MALFORMED) expect(early).toBeLessThan(0);
          else expect(early).toBe(cut < end ? INCOMPLETE : end);
        }
      }),
      { numRuns: 400, seed: 2 },
    );
  });

  it("refuses what cannot become a status line any more, without waiting for its end", () => {
    for (const text of [
      "X",
      "HX",
      "HTTX",
      "HTTP/2",
      "HTTP/1.1 6",
      "HTTP/1.1 20x",
    ])
      expect(parser.parse(text, 0, "GET"), text).toBe(MALFORMED);
  });
});
