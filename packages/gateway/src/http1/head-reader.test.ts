import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestHead } from "../message.ts";
import { HeadReader } from "./head-reader.ts";
import { RequestHeadParser } from "./parse-request-head.ts";
import { INCOMPLETE, MALFORMED } from "./scan-fields.ts";

const identity: ReadonlySet<string> = new Set();
const parser = new RequestHeadParser();
const reading = (): RequestHead => parser.head;

const valid = fc.constantFrom(
  ...[
    "GET / HTTP/1.1\r\nHost: h",
    "POST /a?b HTTP/1.0\r\nContent-Length: 5\r\nX: y",
    "PUT /a HTTP/1.1\r\nhost:h\r\nTransfer-Encoding: chunked",
    "GET / HTTP/1.1",
    "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\nZ: z",
    "GET / HTTP/2.0\r\nHost: h",
    "GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\nZ: z",
    "\r\nGET / HTTP/1.1\r\nHost: h",
  ].map((lines) => `${lines}\r\n\r\n`),
);

describe("the head reader", () => {
  it("finds the same heads in any pieces as in one", () => {
    fc.assert(
      fc.property(
        valid,
        fc.constantFrom("", "\r\n"),
        fc.array(fc.nat(200), { maxLength: 4 }),
        (text, before, cuts) => {
          const bytes = Buffer.from(`${before}${text}rest`, "latin1");
          const once = new HeadReader();
          const whole = once.read(bytes, parser, false, identity);
          const expected = whole >= 0 ? reading() : undefined;
          const reader = new HeadReader();
          let at = 0;
          let end = INCOMPLETE;
          const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length];
          for (const next of ends.sort((a, b) => a - b)) {
            if (next === at) continue;
            end = reader.read(
              bytes.subarray(at, next),
              parser,
              false,
              identity,
            );
            if (end !== INCOMPLETE) {
              if (end >= 0) end += at;
              break;
            }
            expect(reader.holding).toBe(true);
            at = next;
          }
          // Bytes behind the head that hold no LF may have to wait for one, the head's own never.
          expect(end).toBe(whole);
          expect(reader.holding).toBe(false);
          if (expected !== undefined) expect(reading()).toEqual(expected);
          else expect(reader.status).toBe(once.status);
        },
      ),
      { numRuns: 2_000, seed: 4 },
    );
  });

  it("refuses a head beyond 16 KiB as soon as it is that long", () => {
    const head = (size: number): Buffer => {
      const start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
      return Buffer.from(`${start.padEnd(size - 4, "x")}\r\n\r\n`);
    };
    for (const piece of [1, 1000, 16_384, 70_000]) {
      const read = (bytes: Buffer): number => {
        const reader = new HeadReader();
        for (let at = 0; at < bytes.length; at += piece) {
          const end = reader.read(
            bytes.subarray(at, at + piece),
            parser,
            false,
            identity,
          );
          if (end === MALFORMED) expect(reader.status).toBe(431);
          if (end !== INCOMPLETE) return end < 0 ? end : at + end;
        }
        return INCOMPLETE;
      };
      expect(read(head(16_384))).toBe(16_384);
      expect(read(head(16_385))).toBe(MALFORMED);
      expect(read(head(40_000))).toBe(MALFORMED);
    }
  });
});
