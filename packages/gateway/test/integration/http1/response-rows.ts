/** What an upstream answers `GET /r` with, and what has to become of it. */
export interface ResponseRow {
  readonly name: string;
  readonly bytes: string;
  readonly method?: "GET" | "HEAD";
  /** What the upstream does when it has sent them; nothing if absent. */
  readonly then?: "end" | "reset";
  /**
   * `502`: nothing of it reaches the client. `cut`: the client sees that the answer is not whole. Otherwise the
   * answer the client gets, and whether the connection then serves another request.
   */
  readonly expect: 502 | "cut" | "502 or cut" | Answer;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly interim?: readonly number[];
  readonly reused: boolean;
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
}

const hidden = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden";

const head = (...lines: string[]): string =>
  ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");
const first = (start: string): string =>
  `${start}\r\nContent-Length: 2\r\n\r\nno`;
const chunks = (body: string): string =>
  head("Transfer-Encoding: chunked") + body;

const bad = (bytes: Readonly<Record<string, string>>): ResponseRow[] =>
  Object.entries(bytes).map(([name, each]) => ({
    name,
    bytes: each,
    expect: 502,
  }));

const heads: ResponseRow[] = [
  ...bad({
    "text that is no head": "hello\r\n\r\n",
    "another protocol": first("ICAP/1.1 200 OK"),
    "a lower-case version": first("http/1.1 200 OK"),
    "HTTP/2.0": first("HTTP/2.0 200 OK"),
    "HTTP/1.2": first("HTTP/1.2 200 OK"),
    "an empty line first": `\r\n${head("Content-Length: 0")}`,
    "a blank first": ` ${head("Content-Length: 0")}`,
    "no status": first("HTTP/1.1"),
    "a status of two digits": first("HTTP/1.1 20 OK"),
    "a status of four digits": first("HTTP/1.1 2000 OK"),
    "status 099": first("HTTP/1.1 099 OK"),
    "status 600": first("HTTP/1.1 600 OK"),
    "status 999": first("HTTP/1.1 999 OK"),
    "a status of letters": first("HTTP/1.1 abc OK"),
    "two spaces before the status": first("HTTP/1.1  200 OK"),
    "a tab before the status": first("HTTP/1.1\t200 OK"),
    "a NUL in the reason": first("HTTP/1.1 200 O\0K"),
    "a bare CR in the reason": first("HTTP/1.1 200 O\rK"),
    "bare LF line ends": "HTTP/1.1 200 OK\nContent-Length: 2\n\nno",
    "a bare LF after the first line": first("HTTP/1.1 200 OK\nX: y"),
    "a folded line": head("X: a", " b", "Content-Length: 0"),
    "a blank before a colon": head("X : y", "Content-Length: 0"),
    "a blank before the length's colon": `${head("Content-Length : 0")}${hidden}`,
    "a line without colon": head("X", "Content-Length: 0"),
    "an empty name": head(": y", "Content-Length: 0"),
    "an 8-bit name": head("X\xe9: y", "Content-Length: 0"),
    "a NUL in a value": head("X: a\0b", "Content-Length: 0"),
    "a bare CR in a value": head("X: a\rSet-Cookie: b", "Content-Length: 0"),
    "a bare LF in a value": head("X: a\nSet-Cookie: b", "Content-Length: 0"),
    "a length and a coding": `${head("Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n${hidden}`,
    "a coding and a length": `${head("Transfer-Encoding: chunked", "Content-Length: 5")}0\r\n\r\n${hidden}`,
    "two equal lengths": `${head("Content-Length: 2", "Content-Length: 2")}no`,
    "two lengths": `${head("Content-Length: 2", "content-length: 3")}no!`,
    "a list of lengths": `${head("Content-Length: 2, 2")}no`,
    "a length with a sign": `${head("Content-Length: +2")}no`,
    "a negative length": head("Content-Length: -2"),
    "an empty length": head("Content-Length:"),
    "a length in hexadecimal": `${head("Content-Length: 0x2")}no`,
    "a length beyond 2^53": head("Content-Length: 9007199254740993"),
    "chunked twice": `${head("Transfer-Encoding: chunked, chunked")}0\r\n\r\n`,
    "two codings": `${head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")}0\r\n\r\n`,
    "gzip as coding": head("Transfer-Encoding: gzip"),
    "gzip, chunked": `${head("Transfer-Encoding: gzip, chunked")}0\r\n\r\n`,
    identity: `${head("Transfer-Encoding: identity", "Content-Length: 2")}no`,
    xchunked: `${head("Transfer-Encoding: xchunked")}0\r\n\r\n`,
    "chunks from HTTP/1.0":
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a head that is too large": head(
      ...new Array<string>(80).fill(`X: ${"x".repeat(1000)}`),
    ),
    "101 that nobody asked for":
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    "an interim answer and garbage":
      "HTTP/1.1 100 Continue\r\n\r\ngarbage\r\n\r\n",
  }),
  { name: "nothing, and its end", bytes: "", then: "end", expect: 502 },
  { name: "a reset", bytes: "", then: "reset", expect: 502 },
  {
    name: "half a head, and its end",
    bytes: "HTTP/1.1 200 OK\r\nContent-Le",
    then: "end",
    expect: 502,
  },
  {
    name: "half a head, and a reset",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r",
    then: "reset",
    expect: 502,
  },
  {
    name: "only an interim answer, and its end",
    bytes: "HTTP/1.1 100 Continue\r\n\r\n",
    then: "end",
    expect: 502,
  },
];

const bodies: ResponseRow[] = [
  ...[
    "x\r\n",
    "-1\r\nno\r\n0\r\n\r\n",
    "2 \r\nno\r\n0\r\n\r\n",
    "0x2\r\nno\r\n0\r\n\r\n",
    "\r\n",
    "2\nno\n0\n\n",
    "2\r\nnono\r\n0\r\n\r\n",
    "3\r\nno\r\n0\r\n\r\n",
    "2;a\x01\r\nno\r\n0\r\n\r\n",
    "2\r\nno\r\n0\r\nX\r\n\r\n",
    "2\r\nno\r\n0\r\n\n",
    "ffffffffffffffff\r\nno",
    "100000000000000002\r\nno\r\n0\r\n\r\n",
  ].map((body) => ({
    name: `chunks ${JSON.stringify(body).slice(1, -1)}`,
    bytes: chunks(body + hidden),
    expect: "502 or cut" as const,
  })),
  {
    name: "a body shorter than its length, and its end",
    bytes: `${head("Content-Length: 5")}1234`,
    then: "end",
    expect: "cut",
  },
  {
    name: "a body shorter than its length, and a reset",
    bytes: `${head("Content-Length: 5")}1234`,
    then: "reset",
    expect: "cut",
  },
  {
    name: "chunks without the last one, and the end",
    bytes: chunks("4\r\n1234\r\n"),
    then: "end",
    expect: "cut",
  },
  {
    name: "the last chunk without its end, and the end",
    bytes: chunks("4\r\n1234\r\n0\r\n"),
    then: "end",
    expect: "cut",
  },
  {
    name: "half a chunk, and the end",
    bytes: chunks("5\r\n1234"),
    then: "end",
    expect: "cut",
  },
  {
    name: "a body that lasts until the end, and a reset",
    bytes: `${head()}1234`,
    then: "reset",
    expect: "cut",
  },
];

const good: ResponseRow[] = [
  {
    name: "a body with a length",
    bytes: `${head("content-LENGTH:\t05 ")}12345`,
    expect: {
      status: 200,
      body: "12345",
      reused: true,
      has: ["content-length: 5"],
    },
  },
  {
    name: "chunks with extensions and trailers",
    bytes: chunks('3;a="b"\r\n123\r\n2\r\n45\r\n0\r\nX: y\r\n\r\n'),
    expect: { status: 200, body: "12345", reused: true, lacks: ["x"] },
  },
  {
    name: "a body that lasts until the end",
    bytes: `${head("Connection: close")}12345`,
    then: "end",
    expect: { status: 200, body: "12345", reused: false },
  },
  {
    name: "an HTTP/1.0 answer",
    bytes: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    expect: { status: 200, body: "ok", reused: false },
  },
  {
    name: "an HTTP/1.0 answer that keeps its connection",
    bytes:
      "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
    expect: { status: 200, body: "ok", reused: true, lacks: ["connection"] },
  },
  {
    name: "Connection: close",
    bytes: `${head("Connection: x, Close", "X: y", "Content-Length: 2")}ok`,
    expect: {
      status: 200,
      body: "ok",
      reused: false,
      lacks: ["x", "connection"],
    },
  },
  {
    name: "bytes after the length",
    bytes: `${head("Content-Length: 2")}ok${hidden}`,
    expect: { status: 200, body: "ok", reused: false },
  },
  {
    name: "bytes after the last chunk",
    bytes: chunks(`2\r\nok\r\n0\r\n\r\n${hidden}`),
    expect: { status: 200, body: "ok", reused: false },
  },
  {
    name: "204 with a body",
    bytes: `HTTP/1.1 204 No Content\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    expect: { status: 204, body: "", reused: false, lacks: ["content-length"] },
  },
  {
    name: "204 with chunks",
    bytes: `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    expect: {
      status: 204,
      body: "",
      reused: false,
      lacks: ["content-length", "transfer-encoding"],
    },
  },
  {
    name: "304 with the length of what is not sent",
    bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: x\r\n\r\n",
    expect: {
      status: 304,
      body: "",
      reused: true,
      has: ["content-length: 9", "ETag: x"],
    },
  },
  {
    name: "304 with a body",
    bytes: `HTTP/1.1 304 Not Modified\r\n\r\n${hidden}`,
    expect: { status: 304, body: "", reused: false },
  },
  {
    name: "an answer to HEAD",
    bytes: head("Content-Length: 9"),
    method: "HEAD",
    expect: { status: 200, body: "", reused: true, has: ["content-length: 9"] },
  },
  {
    name: "an answer to HEAD that would be chunked",
    bytes: head("Transfer-Encoding: chunked"),
    method: "HEAD",
    expect: { status: 200, body: "", reused: true, lacks: ["content-length"] },
  },
  {
    name: "an answer to HEAD with a body",
    bytes: `${head(`Content-Length: ${hidden.length}`)}${hidden}`,
    method: "HEAD",
    expect: { status: 200, body: "", reused: false },
  },
  {
    name: "100 and the answer",
    bytes: `HTTP/1.1 100 Continue\r\n\r\n${head("Content-Length: 2")}ok`,
    expect: { status: 200, body: "ok", interim: [], reused: true },
  },
  {
    name: "103, 102 and the answer",
    bytes: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\nX: y\r\n\r\nHTTP/1.1 102\r\n\r\n${head("Content-Length: 2")}ok`,
    expect: {
      status: 200,
      body: "ok",
      interim: [103, 102],
      reused: true,
      has: ["Link: </a>"],
    },
  },
  {
    name: "a reason of every kind",
    bytes: first("HTTP/1.1 500 a\tb\xe9!").replace("no", "ok"),
    expect: { status: 500, body: "ok", reused: true },
  },
  {
    name: "no reason, and no space before it",
    bytes: first("HTTP/1.1 200").replace("no", "ok"),
    expect: { status: 200, body: "ok", reused: true },
  },
  {
    name: "status 599",
    bytes: first("HTTP/1.1 599 x").replace("no", "ok"),
    expect: { status: 599, body: "ok", reused: true },
  },
];

export const responseRows: readonly ResponseRow[] = [
  ...heads,
  ...bodies,
  ...good,
];
