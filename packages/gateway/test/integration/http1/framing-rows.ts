import { get, hidden, post, refused, type RequestRow } from "./request-row.ts";

export const framingRows: readonly RequestRow[] = [
  ...refused(
    400,
    Object.fromEntries(
      [
        ["Content-Length: 6", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 6"],
        ["Content-Length: 0", "Transfer-Encoding: chunked"],
        ["content-length:6", "TRANSFER-ENCODING:CHUNKED"],
        ["Content-Length: 6", "Transfer-Encoding:\tchunked\t"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: 5", "content-length: 6"],
        ["Content-Length: 0", "Content-Length: 5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: 5,"],
        ["Content-Length: ,5"],
        ["Content-Length: +5"],
        ["Content-Length: -5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 5e0"],
        ["Content-Length: 5.0"],
        ["Content-Length: 5 5"],
        ["Content-Length: 1_0"],
        ["Content-Length: a"],
        ["Content-Length:"],
        ['Content-Length: "5"'],
        ["Content-Length: 5;"],
        ["Content-Length: \xb25"],
        ["Content-Length: 5\x0b"],
        ["Content-Length : 5"],
        ["Content-Length\t: 5"],
        ["Content-Length:", " 5"],
        ["Content-Length: 9007199254740993"],
        ["Content-Length: 18446744073709551621"],
        ["Content-Length: 4294967301".padEnd(300, "0")],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked, chunked"],
        ["Transfer-Encoding: ,chunked"],
        ["Transfer-Encoding: chunked,"],
        ["Transfer-Encoding:"],
        ["Transfer-Encoding: \x0bchunked"],
        ["Transfer-Encoding: chunked\x0c"],
        ["Transfer-Encoding: chunked\0"],
        ["Transfer-Encoding:", " chunked"],
        ["Transfer-Encoding: chunked", " x"],
        ["Transfer-Encoding : chunked"],
        [" Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked\rX: y"],
        ["X: y\rTransfer-Encoding: chunked"],
        ["X: y\nTransfer-Encoding: chunked"],
        ["\0Transfer-Encoding: chunked"],
      ].map((lines) => [lines.join(" | "), post(lines, `0\r\n\r\n${hidden}`)]),
    ),
  ),
  ...refused(
    501,
    Object.fromEntries(
      [
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: x chunked"],
        ["Transfer-Encoding: chunked x"],
        ["Transfer-Encoding: chunked;q=1"],
        ['Transfer-Encoding: "chunked"'],
        ["Transfer-Encoding: 'chunked'"],
        ["Transfer-Encoding: \xffchunked"],
        ["Transfer-Encoding: identity"],
        ["Transfer-Encoding: gzip"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: chunked, gzip"],
        ["Transfer-Encoding: identity, chunked"],
        ["Transfer-Encoding: cow"],
        ["Content-Length: 5", "Transfer-Encoding: identity"],
      ].map((lines) => [lines.join(" | "), post(lines, `0\r\n\r\n${hidden}`)]),
    ),
  ),
  ...refused(400, {
    "HTTP/1.0 with chunks": `POST /r HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    "HTTP/1.0 with both": `POST /r HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  }),
  ...refused(413, {
    "a declared length beyond the limit": post(["Content-Length: 10485761"]),
    "a declared length far beyond the limit": post([
      "Content-Length: 999999999999999",
    ]),
  }),
  {
    name: "a body with GET",
    bytes: get("Content-Length: 5").concat("12345"),
    expect: [
      { line: "GET /r HTTP/1.1", body: "12345", has: ["content-length: 5"] },
    ],
  },
  {
    name: "a length with leading zeros",
    bytes: post(["CONTENT-LENGTH: 0005"], "12345"),
    expect: [
      { line: "POST /r HTTP/1.1", body: "12345", has: ["content-length: 5"] },
    ],
  },
  {
    name: "Connection cannot remove the length",
    bytes: post(
      ["Connection: content-length, host, x", "Content-Length: 33", "X: y"],
      hidden,
    ),
    expect: [
      {
        line: "POST /r HTTP/1.1",
        body: hidden,
        has: ["content-length: 33", "Host: h", "!x", "!connection"],
      },
    ],
  },
  {
    name: "Connection cannot remove the coding",
    bytes: post(
      ["Connection: Transfer-Encoding", "transfer-encoding: CHUNKED"],
      "21\r\n" + hidden + "\r\n0\r\n\r\n",
    ),
    expect: [
      {
        line: "POST /r HTTP/1.1",
        body: hidden,
        has: ["transfer-encoding: chunked", "!content-length"],
      },
    ],
  },
  {
    name: "a length of 0 and a next request",
    bytes: post(["Content-Length: 0"], get()),
    expect: [
      { line: "POST /r HTTP/1.1", body: "", has: ["content-length: 0"] },
      { line: "GET /r HTTP/1.1", has: ["!content-length"] },
    ],
  },
  {
    name: "nothing after Connection: close is a request",
    bytes: `${get("Connection: close")}${hidden}`,
    expect: [{ line: "GET /r HTTP/1.1" }],
  },
  {
    name: "nothing after an HTTP/1.0 request is one",
    bytes: `GET /r HTTP/1.0\r\nHost: h\r\n\r\n${hidden}`,
    expect: [{ line: "GET /r HTTP/1.1", has: ["Host: h"] }],
  },
  {
    name: "HTTP/1.0 without Host",
    bytes: "GET /r HTTP/1.0\r\n\r\n",
    expect: [{ line: "GET /r HTTP/1.1", has: ["host: ", "!x-forwarded-host"] }],
  },
];

const chunk = (body: string): string =>
  post(["Transfer-Encoding: chunked"], body);

/** Broken after the head: the request may have begun to travel, but never ends and is never followed by another. */
export const brokenBodies: Readonly<Record<string, string>> =
  Object.fromEntries(
    Object.entries({
      "a size that is not hexadecimal": "g\r\n",
      "a size with 0x": "0x5\r\n12345\r\n0\r\n\r\n",
      "a size with a sign": "+5\r\n12345\r\n0\r\n\r\n",
      "a negative size": "-1\r\n",
      "an empty size": "\r\n12345\r\n0\r\n\r\n",
      "a size of blanks": "  \r\n",
      "a blank before the size": " 5\r\n12345\r\n0\r\n\r\n",
      "a blank after the size": "5 \r\n12345\r\n0\r\n\r\n",
      "a tab after the size": "5\t\r\n12345\r\n0\r\n\r\n",
      "a size with an underscore": "1_0\r\n",
      "a size beyond 2^53": "20000000000005\r\n12345\r\n0\r\n\r\n",
      "a size beyond 2^64": "10000000000000005\r\n12345\r\n0\r\n\r\n",
      "LF after the size": "5\n12345\r\n0\r\n\r\n",
      "CR after the size": "5\r12345\r\n0\r\n\r\n",
      "LF after the data": "5\r\n12345\n0\r\n\r\n",
      "CR after the data": "5\r\n12345\r0\r\n\r\n",
      "no end after the data": "5\r\n123450\r\n\r\n",
      "a longer chunk than its size": "5\r\n123456\r\n0\r\n\r\n",
      "a shorter chunk than its size": "6\r\n12345\r\n0\r\n\r\n",
      "LF after the last size": "0\n\r\n",
      "LF as the end": "0\r\n\n",
      "a letter as the end": `0\r\nX\r\n${hidden}`,
      "a bare CR in an extension": "5;a\rb\r\n12345\r\n0\r\n\r\n",
      "a bare LF in an extension": `5;a\n${hidden}`,
      "a NUL in an extension": "5;a\0\r\n12345\r\n0\r\n\r\n",
      "an extension without name": "5;\r\n12345\r\n0\r\n\r\n",
      "an extension with an open quote": '5;a="b\r\n12345\r\n0\r\n\r\n',
      "an extension without semicolon": "5 a\r\n12345\r\n0\r\n\r\n",
      "an extension that is too long": `5;a=${"x".repeat(300)}\r\n12345\r\n0\r\n\r\n`,
      "a trailer with a blank before its colon": "0\r\nX : y\r\n\r\n",
      "a trailer without colon": "0\r\nX\r\n\r\n",
      "a folded trailer": "0\r\nX: y\r\n z\r\n\r\n",
      "a trailer with a control byte": "0\r\nX: a\x01\r\n\r\n",
      "a trailer with a bare LF": "0\r\nX: a\n\r\n",
      "trailers that are too long": `0\r\n${`X: ${"y".repeat(1000)}\r\n`.repeat(9)}\r\n`,
    }).map(([name, body]) => [name, chunk(`${body}${hidden}`)]),
  );

export const chunkedRows: readonly RequestRow[] = [
  {
    name: "chunks with extensions and trailers, which end here",
    bytes: chunk(
      '05;a;b=c;d="e;\\"f"\r\n12345\r\n3 ;\tx = y\r\n678\r\n000\r\nX: y\r\nContent-Length: 9\r\n\r\n',
    ),
    expect: [
      {
        line: "POST /r HTTP/1.1",
        body: "12345678",
        has: ["!x", "!content-length", "transfer-encoding: chunked"],
      },
    ],
  },
  {
    name: "an empty chunked body and a next request",
    bytes: chunk("0\r\n\r\n") + get("Y: z"),
    expect: [
      { line: "POST /r HTTP/1.1", body: "" },
      { line: "GET /r HTTP/1.1", has: ["Y: z"] },
    ],
  },
];
