/** A response as it came over the wire, complete. */
export interface WireAnswer {
  readonly status: number;
  /** By lower-case name; fields that came more than once are joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** False when the server said it will close the connection. */
  readonly keepsAlive: boolean;
}

const headLimitBytes = 64 * 1024;

/**
 * Reads one response from the bytes of a connection, strictly: what is not HTTP/1.1 with a declared length is an error.
 * An independent reader, so that the gateway's own codec is not its own judge.
 */
export class AnswerReader {
  readonly #method: string;
  #bytes: Buffer = Buffer.alloc(0);
  #head: { status: number; headers: Map<string, string> } | undefined;
  #chunks: Buffer[] = [];

  constructor(method: string) {
    this.#method = method;
  }

  /** Bytes that arrived after the response's end: nobody asked for them. */
  get surplus(): number {
    return this.#bytes.length;
  }

  /** The response, once these bytes completed it. Throws an Error that says what is malformed. */
  push(bytes: Buffer): WireAnswer | undefined {
    this.#bytes =
      this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    while (this.#head === undefined) {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) {
        if (this.#bytes.length > headLimitBytes)
          throw new Error("a head without end");
        return undefined;
      }
      const head = parseHead(this.#bytes.toString("latin1", 0, end));
      this.#bytes = this.#bytes.subarray(end + 4);
      // Interim responses (100, 103) come before the one that counts.
      if (head.status >= 200) this.#head = head;
    }
    const { status, headers } = this.#head;
    const body = this.#readBody(status, headers);
    if (body === undefined) return undefined;
    const keepsAlive = !/\bclose\b/i.test(headers.get("connection") ?? "");
    return { status, headers, body, keepsAlive };
  }

  #readBody(
    status: number,
    headers: ReadonlyMap<string, string>,
  ): Buffer | undefined {
    if (this.#method === "HEAD" || status === 204 || status === 304)
      return Buffer.alloc(0);
    const coding = headers.get("transfer-encoding");
    const length = headers.get("content-length");
    if (coding !== undefined) {
      if (length !== undefined) throw new Error("two declared lengths");
      if (coding.toLowerCase() !== "chunked")
        throw new Error(`transfer-encoding ${coding}`);
      return this.#readChunks();
    }
    if (length === undefined) throw new Error("no declared length");
    if (!/^\d+$/.test(length)) throw new Error(`content-length ${length}`);
    if (this.#bytes.length < Number(length)) return undefined;
    return this.#take(Number(length));
  }

  #readChunks(): Buffer | undefined {
    for (;;) {
      const lineEnd = this.#bytes.indexOf("\r\n");
      if (lineEnd < 0) return undefined;
      const sizeText = this.#bytes.toString("latin1", 0, lineEnd);
      const match = /^([0-9a-f]+)(?:;.*)?$/i.exec(sizeText);
      if (match === null) throw new Error(`chunk size "${sizeText}"`);
      const size = parseInt(match[1] as string, 16);
      const end = lineEnd + 2 + size + 2;
      if (this.#bytes.length < end) return undefined;
      if (this.#bytes.toString("latin1", end - 2, end) !== "\r\n")
        throw new Error("a chunk that is longer than its size");
      this.#take(lineEnd + 2);
      const data = this.#take(size);
      this.#take(2);
      if (size === 0) return Buffer.concat(this.#chunks);
      this.#chunks.push(data);
    }
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}

const parseHead = (
  text: string,
): { status: number; headers: Map<string, string> } => {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) throw new Error(`status line "${statusLine}"`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(
      line,
    );
    if (match === null) throw new Error(`field line "${line}"`);
    const name = (match[1] as string).toLowerCase();
    const value = match[2] as string;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
};
