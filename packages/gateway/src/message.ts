/** How the end of a body is known. */
export type Framing = "none" | "length" | "chunked" | "close";

/** A request head that passed every check, ready to travel on. */
export interface RequestHead {
  readonly method: string;
  /** The path as sent, without the query. */
  readonly path: string;
  /** The query byte for byte with its `?`; empty when there is none. */
  readonly query: string;
  /** The authority as sent; empty for an HTTP/1.0 request without one. */
  readonly authority: string;
  /** Whether the authority stood in the target instead of a Host line, so that one has to be written. */
  readonly absolute: boolean;
  /** The minor version: HTTP/1.0 or HTTP/1.1. */
  readonly minor: 0 | 1;
  /** The end-to-end field lines, each with its CRLF, without those the gateway writes itself. */
  readonly fields: string;
  readonly framing: "none" | "length" | "chunked";
  /** The declared length; 0 unless `framing` is `length`. */
  readonly length: number;
  /** Whether Content-Length was sent, which for an empty body has to travel on. */
  readonly declaresLength: boolean;
  /** Whether the client allows another request on its connection. */
  readonly keepAlive: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectContinue: boolean;
  /** Every Via value; empty when there is none. */
  readonly via: string;
  /** X-Forwarded-For of a trusted peer; empty otherwise. */
  readonly forwardedFor: string;
  /** Whether a trusted peer's X-Forwarded-Proto and X-Forwarded-Host are among the fields. */
  readonly hasForwardedProto: boolean;
  readonly hasForwardedHost: boolean;
  /** X-Request-Id of a trusted peer; empty otherwise. */
  readonly requestId: string;
  /** A valid traceparent; empty otherwise. */
  readonly traceparent: string;
}

/** A response head that passed every check, ready to travel on. */
export interface ResponseHead {
  readonly status: number;
  /** `200 OK`: the status line after the version. */
  readonly statusText: string;
  /** The end-to-end field lines, each with its CRLF, without framing. */
  readonly fields: string;
  readonly framing: Framing;
  /** The declared length, also of a body that is not sent (HEAD, 304); -1 when there is none. */
  readonly length: number;
  /** Whether the upstream keeps its connection open. */
  readonly keepAlive: boolean;
  /** `Keep-Alive: timeout` in milliseconds; Infinity when there is none. */
  readonly keepAliveMs: number;
  /** Retry-After as sent; empty when there is none. */
  readonly retryAfter: string;
  /** A stream of events may last for ever. */
  readonly eventStream: boolean;
  readonly hasDate: boolean;
}
