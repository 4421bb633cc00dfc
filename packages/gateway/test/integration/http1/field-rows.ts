import { get, hidden, refused, type RequestRow } from "./request-row.ts";

export const fieldRows: readonly RequestRow[] = [
  ...refused(400, {
    "a space before the colon": get("X : y"),
    "a tab before the colon": get("X\t: y"),
    "an empty name": get(": y"),
    "no colon": get("X"),
    "a line of blanks": get(" "),
    "a folded line": get("X: a", " b"),
    "a line folded by a tab": get("X: a", "\tb"),
    "a folded line first": "GET /r HTTP/1.1\r\n X: y\r\nHost: h\r\n\r\n",
    "a bare LF between lines": get("X: a\nY: b"),
    "a bare CR in a value": get("X: a\rY: b"),
    "CR CR LF": get("X: a\r"),
    "LF LF as the end": "GET /r HTTP/1.1\r\nHost: h\n\n",
    "CR LF LF as the end": "GET /r HTTP/1.1\r\nHost: h\r\n\n",
    "CR CR as the end": `GET /r HTTP/1.1\r\nHost: h\r\n\r\r${hidden}`,
    "a NUL in a value": get("X: a\0b"),
    "a NUL in a name": get("X\0: b"),
    "a control byte in a value": get("X: a\x01b"),
    "an escape byte in a value": get("X: a\x1bb"),
    "a vertical tab in a value": get("X: a\x0bb"),
    "a DEL in a value": get("X: a\x7fb"),
    "an 8-bit name": get("X\xe9: y"),
    "a name in quotes": get('"X": y'),
    "a name in parentheses": get("(X): y"),
    "a name with a slash": get("X/Y: y"),
    "a name with a space": get("X Y: y"),
    "a name with a semicolon": get("X;Y: y"),
  }),
  ...refused(417, {
    "another expectation": get("Expect: other"),
    "two expectations": get("Expect: 100-continue, other"),
    "an empty expectation": get("Expect:"),
  }),
  {
    name: "values of every legal kind",
    bytes: get("x: \t a\tb\xe9 \t", "Y:", "z!#$%&'*+-.^`|~09: ,;\"()"),
    expect: [
      {
        line: "GET /r HTTP/1.1",
        has: ["x: \t a\tb\xe9 \t", "Y:", "z!#$%&'*+-.^`|~09: ,;\"()"],
      },
    ],
  },
  {
    name: "names with an underscore are dropped",
    bytes: get("X_Y: a", "Content_Length: 5", "Transfer_Encoding: chunked"),
    expect: [
      {
        line: "GET /r HTTP/1.1",
        has: ["!x_y", "!content_length", "!transfer_encoding"],
      },
    ],
  },
  {
    name: "an Upgrade is not forwarded",
    bytes: get(
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAA",
    ),
    expect: [
      {
        line: "GET /r HTTP/1.1",
        has: ["!upgrade", "!connection", "!http2-settings"],
      },
    ],
  },
];
