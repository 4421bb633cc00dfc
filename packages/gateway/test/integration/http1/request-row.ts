/** One message sent to the gateway, and what has to become of it. */
export interface RequestRow {
  readonly name: string;
  readonly bytes: string;
  /**
   * A status: the gateway refuses with it and closes, if not `open`, and no byte reaches the upstream. A list: the requests that the
   * upstream sees, each as start line, its body, and some lines that have to be there (or, after a `!`, names that must not).
   */
  readonly expect: number | "400, open" | readonly Seen[];
}

export interface Seen {
  readonly line: string;
  readonly body?: string;
  readonly has?: readonly string[];
}

/** What an attacker hides behind a message: it must never be taken for a request. */
export const hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";

export const get = (...lines: string[]): string =>
  ["GET /r HTTP/1.1", "Host: h", ...lines, "", ""].join("\r\n");
export const post = (lines: readonly string[], body = ""): string =>
  ["POST /r HTTP/1.1", "Host: h", ...lines, "", body].join("\r\n");
export const line = (start: string): string => `${start}\r\nHost: h\r\n\r\n`;

export const refused = (
  expect: number,
  rows: Readonly<Record<string, string>>,
): RequestRow[] =>
  Object.entries(rows).map(([name, bytes]) => ({ name, bytes, expect }));
