import { STATUS_CODES } from "node:http";
import type { ResponseHead } from "./message.ts";
import { ownHead } from "./own-head.ts";

/** An answer of the gateway's own making. */
export interface Problem {
  readonly status: number;
  /** One of RFC 9209's proxy error types, or a name of ours in its style: what went wrong for machines. */
  readonly error: string;
  /** What went wrong for people: one sentence. */
  readonly detail: string;
  /** Seconds for Retry-After, rounded up. */
  readonly retryAfterMs?: number | undefined;
  /** Further field lines, each with its CRLF. */
  readonly fields?: string | undefined;
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  508: "Loop Detected",
};

/** The reason phrase of a status. */
export const statusTitle = (status: number): string =>
  titles[status] ?? STATUS_CODES[status] ?? "Unknown";

/**
 * A problem as an answer: problem details (RFC 9457) with Proxy-Status (RFC 9209) and what the problem adds.
 * `bodiless` for an answer to HEAD.
 */
export const problemAnswer = (
  problem: Problem,
  requestId: string,
  pseudonym: string,
  bodiless: boolean,
): { head: ResponseHead; body: string } => {
  const { status, error, detail, retryAfterMs, fields = "" } = problem;
  const title = statusTitle(status);
  const json = JSON.stringify({
    type: "about:blank",
    title,
    status,
    detail,
    error,
    requestId,
  });
  // Everything is written as latin1, so other characters are escaped.
  const body = json.replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const retryAfter =
    retryAfterMs === undefined
      ? ""
      : `retry-after: ${Math.max(1, Math.ceil(retryAfterMs / 1000))}\r\n`;
  return {
    head: ownHead(
      `${status} ${title}`,
      `content-type: application/problem+json\r\nproxy-status: ${pseudonym}; error=${error}\r\n${retryAfter}${fields}`,
      bodiless ? "none" : "length",
      body.length,
    ),
    body: bodiless ? "" : body,
  };
};
