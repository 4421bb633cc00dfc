/** One message as read from bytes; `body` is latin1 text without framing. */
export interface Message {
  readonly startLine: string;
  /** Names as sent, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** False if the bytes ended before the message did. */
  readonly complete: boolean;
  /** Whether the bytes said where the body ends: a body that lasts until the connection closes does not. */
  readonly delimited: boolean;
}

export interface Messages {
  readonly messages: readonly Message[];
  /** What follows the last complete message and is not even a whole head. */
  readonly rest: string;
}

/** Every value of the field, in order. */
export const values = (message: Message, name: string): string[] =>
  message.fields
    .filter(([each]) => each.toLowerCase() === name)
    .map(([, value]) => value);

export const value = (message: Message, name: string): string | undefined =>
  values(message, name)[0];

/** The status of a response. */
export const status = (message: Message): number =>
  Number(message.startLine.split(" ")[1]);

const readHead = (
  text: string,
): Pick<Message, "startLine" | "fields"> & { end: number } => {
  const end = text.indexOf("\r\n\r\n");
  const [startLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const fields = lines.map((line) => {
    const match = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([^\r\n\0]*?)[ \t]*$/.exec(
      line,
    );
    if (match === null)
      throw new Error(`not a field line: ${JSON.stringify(line)}`);
    return [match[1]!, match[2]!] as const;
  });
  return { startLine, fields, end: end + 4 };
};

const readChunks = (
  text: string,
): { body: string; length: number; complete: boolean } => {
  let at = 0;
  let body = "";
  for (;;) {
    const size = /^([0-9a-fA-F]+)\r\n/.exec(text.slice(at, at + 20));
    if (size === null) {
      if (text.length - at > 18)
        throw new Error(
          `not a chunk size: ${JSON.stringify(text.slice(at, at + 20))}`,
        );
      return { body, length: text.length, complete: false };
    }
    at += size[0].length;
    const length = parseInt(size[1]!, 16);
    body += text.slice(at, at + length);
    const end = text.slice(at + length, at + length + 2);
    if (end.length < 2) return { body, length: text.length, complete: false };
    if (end !== "\r\n") throw new Error("a chunk does not end with CRLF");
    at += length + 2;
    if (length === 0) return { body, length: at, complete: true };
  }
};

/**
 * Reads what a receiver gets, as naively as can be: whatever is ambiguous throws. `methods` are those of the requests
 * that responses answer; `ended` says that no more bytes will come.
 */
export const readMessages = (
  bytes: string,
  kind: "request" | "response",
  methods: readonly string[] = [],
  ended = false,
): Messages => {
  const messages: Message[] = [];
  let rest = bytes;
  let answered = 0;
  while (rest.includes("\r\n\r\n")) {
    const { startLine, fields, end } = readHead(rest);
    const form =
      kind === "request"
        ? /^[!#$%&'*+\-.^_`|~\w]+ [\x21-\x7e]+ HTTP\/1\.1$/
        : /^HTTP\/1\.1 [1-5]\d\d [^\r\n\0]*$/;
    if (!form.test(startLine))
      throw new Error(`not a start line: ${JSON.stringify(startLine)}`);
    const named = (name: string): string[] =>
      fields.filter(([each]) => each.toLowerCase() === name).map(([, v]) => v);
    const lengths = named("content-length");
    const codings = named("transfer-encoding");
    if (lengths.length + codings.length > 1)
      throw new Error(`framed twice: ${JSON.stringify(fields)}`);
    if (lengths.some((each) => !/^\d+$/.test(each)))
      throw new Error(`not a length: ${lengths.join()}`);
    if (codings.some((each) => each !== "chunked"))
      throw new Error(`not chunked: ${codings.join()}`);
    const code = Number(startLine.split(" ")[1]);
    const method = methods[answered] ?? "GET";
    const bodiless =
      kind === "response" &&
      (method === "HEAD" || code < 200 || code === 204 || code === 304);
    const text = rest.slice(end);
    let body = "";
    let length = 0;
    let complete = true;
    let delimited = true;
    if (!bodiless) {
      if (codings.length > 0) ({ body, length, complete } = readChunks(text));
      else if (lengths.length > 0) {
        length = Math.min(Number(lengths[0]), text.length);
        body = text.slice(0, length);
        complete = length === Number(lengths[0]);
      } else if (kind === "response") {
        body = text;
        length = text.length;
        complete = ended;
        delimited = false;
      }
    }
    messages.push({ startLine, fields, body, complete, delimited });
    if (kind === "request" || code >= 200) answered++;
    rest = text.slice(length);
    if (!complete) break;
  }
  return { messages, rest };
};
