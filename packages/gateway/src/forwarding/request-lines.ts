import type { RequestHead } from "../message.ts";

/** What the gateway adds of its own to a request that travels on. */
export interface ForwardedRequest {
  readonly head: RequestHead;
  /** The end-to-end lines, each with its CRLF. */
  readonly fields: string;
  /** The canonical path. */
  readonly path: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  /** The span of this request: the parent of the upstream's. */
  readonly spanId: string;
  /** The first half of the ids of traces begun here. */
  readonly traceOrigin: string;
  /** This gateway's name in Via. */
  readonly pseudonym: string;
  /** Lines the route's policies add, each with its CRLF. */
  readonly added: string;
}

/**
 * The head of a request as the upstream gets it, without framing and blank line: the end-to-end fields as they came,
 * then ours. Fields of ours that a client sent are gone by now, unless it is a trusted peer's.
 */
export const requestLines = (request: ForwardedRequest): string => {
  const { head, remoteAddress, requestId, spanId } = request;
  // HTTP/1.0 may come without Host; HTTP/1.1 needs one, empty when there is no authority (RFC 9112 section 3.2).
  const host =
    head.absolute || head.authority === "" ? `host: ${head.authority}\r\n` : "";
  const forwardedFor =
    head.forwardedFor === ""
      ? remoteAddress
      : `${head.forwardedFor}, ${remoteAddress}`;
  const proto = head.hasForwardedProto ? "" : "x-forwarded-proto: http\r\n";
  const forwardedHost =
    head.hasForwardedHost || head.authority === ""
      ? ""
      : `x-forwarded-host: ${head.authority}\r\n`;
  const trace =
    head.traceparent === ""
      ? `${request.traceOrigin}${spanId}-${spanId}-01`
      : `${head.traceparent.slice(3, 36)}${spanId}${head.traceparent.slice(52)}`;
  return `${head.method} ${request.path}${head.query} HTTP/1.1\r\n${host}${request.fields}x-forwarded-for: ${forwardedFor}\r\n${proto}${forwardedHost}x-request-id: ${requestId}\r\ntraceparent: 00-${trace}\r\nvia: 1.${head.minor} ${request.pseudonym}\r\n${request.added}`;
};

/** The framing lines of a request that travels on. */
export const requestFraming = (head: RequestHead): string => {
  switch (head.framing) {
    case "chunked":
      return "transfer-encoding: chunked\r\n\r\n";
    case "length":
      return `content-length: ${head.length}\r\n\r\n`;
    case "none":
      return head.declaresLength ? "content-length: 0\r\n\r\n" : "\r\n";
  }
};
