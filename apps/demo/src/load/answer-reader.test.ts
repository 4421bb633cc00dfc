import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerReader, type WireAnswer } from "./answer-reader.ts";

const read = (text: string, method = "GET"): WireAnswer | undefined =>
  new AnswerReader(method).push(Buffer.from(text, "latin1"));

const sized =
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello";
const chunked =
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n";

describe("AnswerReader", () => {
  it("reads a body of declared length, and fields by lower-case name", () => {
    const answer = read(sized);
    expect(answer?.status).toBe(200);
    expect(answer?.body.toString()).toBe("hello");
    expect(answer?.headers.get("x-a")).toBe("1, 2");
    expect(answer?.keepsAlive).toBe(true);
  });

  it("reads a chunked body", () => {
    expect(read(chunked)?.body.toString()).toBe("hello");
  });

  it("reads the same from bytes cut anywhere, and nothing before the last", () => {
    const text = fc.constantFrom(sized, chunked);
    fc.assert(
      fc.property(text, fc.array(fc.nat(100)), (whole, cuts) => {
        const reader = new AnswerReader("GET");
        const places = [...new Set(cuts.filter((at) => at < whole.length))];
        places.sort((a, b) => a - b);
        let from = 0;
        for (const at of places) {
          expect(
            reader.push(Buffer.from(whole.slice(from, at))),
          ).toBeUndefined();
          from = at;
        }
        const answer = reader.push(Buffer.from(whole.slice(from)));
        expect(answer?.body.toString()).toBe("hello");
        expect(reader.surplus).toBe(0);
      }),
    );
  });

  it("skips interim responses", () => {
    expect(
      read(`HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${sized}`)?.status,
    ).toBe(200);
  });

  it("expects no body after HEAD, 204 and 304", () => {
    expect(
      read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "HEAD")?.body,
    ).toHaveLength(0);
    expect(read("HTTP/1.1 204 No Content\r\n\r\n")?.body).toHaveLength(0);
    expect(read("HTTP/1.1 304 Not Modified\r\n\r\n")?.body).toHaveLength(0);
  });

  it("knows that the server will close", () => {
    expect(
      read("HTTP/1.1 204 No Content\r\nconnection: Close\r\n\r\n")?.keepsAlive,
    ).toBe(false);
  });

  it("counts what came after the end", () => {
    const reader = new AnswerReader("GET");
    reader.push(Buffer.from(`${sized}HTTP/1.1 200`));
    expect(reader.surplus).toBe(12);
  });

  it.each([
    ["another protocol", "SSH-2.0-x\r\n\r\n"],
    ["an old version", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"],
    ["no declared length", "HTTP/1.1 200 OK\r\n\r\n"],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
    [
      "a length twice",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
    ],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
    ["another coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n"],
    [
      "a bad chunk size",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
    ],
    [
      "a chunk longer than its size",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n",
    ],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nx-a : 1\r\n\r\n"],
    ["a folded field", "HTTP/1.1 200 OK\r\nx-a: 1\r\n more\r\n\r\n"],
    ["a head without end", `HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(70_000)}`],
  ])("refuses %s", (_, text) => {
    expect(() => read(text)).toThrow();
  });
});
