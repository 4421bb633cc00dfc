import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyReader } from "./body-reader.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";

interface Decoding {
  readonly data: string;
  /** Where the body ends; -1 if it is broken, undefined if more is to come. */
  readonly end: number | undefined;
}

const word = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const sizeLine = new RegExp(
  `^([0-9A-Fa-f]{1,13})((?:[ \\t]*;[ \\t]*${word}(?:[ \\t]*=[ \\t]*(?:${word}|"(?:[^"\\\\]|\\\\.)*"))?)*)$`,
);
const trailerLine = new RegExp(`^${word}:[\\t\\x20-\\x7e\\x80-\\xff]*$`);
const legal = /^[\t\x20-\x7e\x80-\xff]*$/;

/** RFC 9112 section 7.1 on the whole text at once. */
const naive = (text: string): Decoding => {
  let at = 0;
  let data = "";
  const broken = { data: "", end: -1 };
  /** The line at `at` without its CRLF; undefined if its end is not there. */
  const line = (): string | undefined => {
    const end = text.indexOf("\r\n", at);
    return end < 0 ? undefined : text.slice(at, end);
  };
  for (;;) {
    const size = line();
    if (size === undefined) return { data, end: undefined };
    const match = sizeLine.exec(size);
    if (match === null || !legal.test(size) || size.length > 254) return broken;
    const length = parseInt(match[1]!, 16);
    at += size.length + 2;
    if (length === 0) break;
    data += text.slice(at, at + length);
    at += length;
    if (at >= text.length) return { data, end: undefined };
    if (text.startsWith("\r\n", at)) at += 2;
    else if (text.slice(at) === "\r") return { data, end: undefined };
    else return broken;
  }
  for (;;) {
    const trailer = line();
    if (trailer === undefined) return { data, end: undefined };
    at += trailer.length + 2;
    if (trailer === "") return { data, end: at };
    if (!trailerLine.test(trailer)) return broken;
  }
};

/** The decoder's result when it is fed up to each of `cuts` in turn. */
const decode = (text: string, cuts: readonly number[]): Decoding => {
  const bytes = Buffer.from(text, "latin1");
  const decoder = new ChunkedDecoder();
  const pieces: Buffer[] = [];
  let at = 0;
  for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
    if (cut <= at) continue;
    const end = decoder.decode(bytes, at, cut, pieces);
    if (end < 0) {
      expect(decoder.fault).not.toBe("");
      return { data: "", end: -1 };
    }
    expect(decoder.fault).toBe("");
    if (decoder.done) {
      const data = Buffer.concat(pieces).toString("latin1");
      return { data, end };
    }
    expect(end).toBe(cut);
    at = cut;
  }
  return { data: Buffer.concat(pieces).toString("latin1"), end: undefined };
};

const chunk = fc
  .tuple(
    fc.string({
      unit: fc.constantFrom("a", "\r", "\n", "0", "\xff"),
      minLength: 1,
      maxLength: 20,
    }),
    fc.constantFrom(
      "",
      "",
      ";a",
      " ; a = b",
      ';a="b\\"c"',
      ";a=b;c",
      ";",
      ' ;="',
    ),
    fc.constantFrom("", "0", "000", "X"),
  )
  .map(
    ([data, extension, zeros]) =>
      `${zeros}${data.length.toString(16)}${extension}\r\n${data}\r\n`,
  );
const encoded = fc
  .tuple(
    fc.array(chunk, { maxLength: 5 }),
    fc.constantFrom("0", "00", "0;a", "0;"),
    fc.constantFrom(
      "",
      "",
      "X: y\r\n",
      "X:\r\nY: \xe9\t\r\n",
      "X y\r\n",
      " x: y\r\n",
    ),
    fc.constantFrom("", "GET / HTTP/1.1\r\n\r\n"),
  )
  .map(([chunks, last, trailers, rest]) =>
    [...chunks, last, "\r\n", trailers, "\r\n", rest].join(""),
  );
const mutated = fc
  .tuple(
    encoded,
    fc.array(
      fc.record({
        at: fc.nat(100),
        remove: fc.nat(2),
        insert: fc.constantFrom(
          "",
          ..."\r\n\t ;0fg\0\x7f+-_x".split(""),
          "\r\n",
        ),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([text, edits]) => {
    let out = text;
    for (const { at, remove, insert } of edits) {
      const place = at % (out.length + 1);
      out = out.slice(0, place) + insert + out.slice(place + remove);
    }
    return out;
  });

/** The same, except that what the naive reader still waits for may be known to be broken. */
const agree = (text: string, cuts: readonly number[]): void => {
  const expected = naive(text);
  const found = decode(text, cuts);
  if (expected.end === undefined && found.end === -1) return;
  expect(found).toEqual(expected);
};

describe("the chunked decoder", () => {
  it("finds the data and the end that a naive reader finds", () => {
    fc.assert(
      fc.property(fc.oneof(encoded, mutated), (text) => {
        agree(text, []);
        // A prefix of a good body is never broken.
        if ((naive(text).end ?? -1) > 0)
          for (let cut = 0; cut < text.length; cut++)
            expect(decode(text.slice(0, cut), []).end).not.toBe(-1);
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  it("finds the same at every split, and byte by byte", () => {
    fc.assert(
      fc.property(fc.oneof(encoded, mutated), (text) => {
        const whole = decode(text, []);
        const every = Array.from({ length: text.length }, (_, index) => index);
        expect(decode(text, every)).toEqual(whole);
        for (const cut of every) expect(decode(text, [cut])).toEqual(whole);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it("bounds size lines and trailers, which it throws away", () => {
    const padded = (line: string, size: number): string =>
      line.padEnd(size, "x");
    const body = (size: number): string =>
      `${padded("1;a", size)}\r\na\r\n0\r\n\r\n`;
    expect(decode(body(254), []).end).toBeGreaterThan(0);
    expect(decode(body(255), []).end).toBe(-1);
    const trailers = (size: number): string =>
      `0\r\n${`${padded("X:", 1024)}\r\n`.repeat(size)}\r\n`;
    expect(decode(trailers(8), []).end).toBeGreaterThan(0);
    expect(decode(trailers(9), []).end).toBe(-1);
    // Without a line's end it does not wait for one.
    expect(decode(padded("1;", 300), []).end).toBe(-1);
    expect(decode(`0\r\n${padded("X:", 9000)}`, []).end).toBe(-1);
    expect(decode("1".repeat(14), []).end).toBeUndefined();
    expect(decode(`${"0".repeat(13)}1\r\n`, []).end).toBe(-1);
    expect(decode(`${"f".repeat(13)}\r\n`, []).end).toBeUndefined();
  });

  it("refuses a wrong first byte at once", () => {
    for (const text of [
      " ",
      "\r",
      "\n",
      "g",
      "-",
      "\0",
      "5\n",
      "5\r5",
      "1\r\nab",
      "0\r\n\n",
      "5;\0",
    ])
      expect(decode(text, []).end, JSON.stringify(text)).toBe(-1);
  });
});

describe("the body reader", () => {
  const read = (reader: BodyReader, text: string): [string, number] => {
    const bytes = Buffer.from(`before${text}`, "latin1");
    const end = reader.read(bytes, 6, bytes.length);
    const data = Buffer.concat(reader.pieces).toString("latin1");
    expect(reader.size).toBe(data.length);
    return [data, end < 0 ? end : end - 6];
  };

  it("takes nothing when there is no body", () => {
    const reader = new BodyReader();
    expect(reader.done).toBe(true);
    reader.start("none", 0);
    expect(read(reader, "abc")).toEqual(["", 0]);
    reader.start("length", 0);
    expect(reader.done).toBe(true);
    expect(read(reader, "abc")).toEqual(["", 0]);
    expect(reader.close()).toBe(true);
  });

  it("takes as many bytes as declared, over any reads", () => {
    const reader = new BodyReader();
    reader.start("length", 5);
    expect(read(reader, "abc")).toEqual(["abc", 3]);
    expect(reader.done).toBe(false);
    expect(read(reader, "")).toEqual(["", 0]);
    expect(reader.close()).toBe(false);
    expect(read(reader, "defg")).toEqual(["de", 2]);
    expect(reader.done).toBe(true);
    expect(read(reader, "fg")).toEqual(["", 0]);
    expect(reader.close()).toBe(true);
  });

  it("takes everything until the end when that is what ends it", () => {
    const reader = new BodyReader();
    reader.start("close", -1);
    expect(read(reader, "abc")).toEqual(["abc", 3]);
    expect(reader.done).toBe(false);
    expect(reader.close()).toBe(true);
    expect(reader.done).toBe(true);
  });

  it("takes chunks apart, says what is wrong, and starts afresh with the next body", () => {
    const reader = new BodyReader();
    reader.start("chunked", -1);
    expect(read(reader, "3\r\nabc\r\n1\r\nd")).toEqual(["abcd", 12]);
    expect(reader.close()).toBe(false);
    expect(read(reader, "\r\n0\r\n\r\nx")).toEqual(["", 7]);
    expect(reader.done).toBe(true);
    reader.start("chunked", -1);
    expect(reader.done).toBe(false);
    expect(read(reader, "x")[1]).toBe(-1);
    expect(reader.fault).toMatch(/hexadecimal/);
    reader.start("chunked", -1);
    expect(read(reader, "0\r\n\r\n")).toEqual(["", 5]);
    reader.start("length", 1);
    expect(read(reader, "ab")).toEqual(["a", 1]);
  });

  it("hands out views, not copies", () => {
    const reader = new BodyReader();
    const bytes = Buffer.from("abcdef");
    reader.start("length", 6);
    reader.read(bytes, 0, 6);
    expect(reader.pieces).toEqual([bytes]);
    expect(reader.pieces[0]!.buffer).toBe(bytes.buffer);
  });
});
