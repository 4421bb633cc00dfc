import type { OutgoingFraming } from "../http1/frame-body.ts";
import type { ResponseHead } from "../message.ts";

/** How an answer's body goes out to a client of HTTP/1.`minor`; `size` is known when all of it is here. */
export const outgoingFraming = (
  head: ResponseHead,
  minor: 0 | 1,
  complete: boolean,
): OutgoingFraming => {
  if (head.framing === "none") return "none";
  if (complete || head.framing === "length") return "length";
  return minor === 1 ? "chunked" : "close";
};

export interface OutgoingResponse {
  readonly head: ResponseHead;
  readonly framing: OutgoingFraming;
  /** The body's length where it is told; -1 where it is not. */
  readonly length: number;
  readonly requestId: string;
  readonly pseudonym: string;
  readonly date: () => string;
  /** Lines of the route's policies, each with its CRLF. */
  readonly announced: string;
  readonly keepAlive: boolean;
  /** The client's minor version: HTTP/1.0 has to be told that its connection stays. */
  readonly minor: 0 | 1;
}

/** The head of an answer as the client gets it, with framing and blank line. */
export const responseText = (response: OutgoingResponse): string => {
  const { head, length } = response;
  const date = head.hasDate ? "" : `date: ${response.date()}\r\n`;
  const framing =
    response.framing === "chunked"
      ? "transfer-encoding: chunked\r\n"
      : length >= 0
        ? `content-length: ${length}\r\n`
        : "";
  const connection = !response.keepAlive
    ? "connection: close\r\n"
    : response.minor === 0
      ? "connection: keep-alive\r\n"
      : "";
  return `HTTP/1.1 ${head.statusText}\r\n${head.fields}${date}via: 1.1 ${response.pseudonym}\r\nx-request-id: ${response.requestId}\r\n${response.announced}${framing}${connection}\r\n`;
};
