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

/** The reason phrase of a status. Node has the old one of 413 (RFC 9110 section 15.5.14). */
export const statusTitle = (status: number): string =>
  status === 413 ? "Content Too Large" : (STATUS_CODES[status] ?? "Unknown");

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
