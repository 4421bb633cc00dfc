import type { ResolvedRetry } from "../config/resolved.ts";
import type { AttemptFault } from "./attempt.ts";

/** Methods that mean the same done twice (RFC 9110 section 9.2.2). */
const idempotent: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
]);

/** Whether the route asks for another attempt after this ending. */
const wanted = (
  retry: ResolvedRetry,
  ending: AttemptFault | number,
): boolean => {
  if (typeof ending === "number") return retry.onStatus.includes(ending);
  switch (ending) {
    case "connect":
      return retry.onConnect;
    case "reset":
    case "protocol":
      return retry.onReset;
    case "timeout":
      return retry.onTimeout;
  }
};

/**
 * Whether another attempt would be right: the route asks for it, calls are left, the body can be sent again, and doing
 * the work twice does no harm. A refused connection carried nothing, so it harms no method; after anything else nobody
 * knows how far the upstream came (RFC 9110 section 9.2.2). Budget and deadline are the caller's to ask.
 */
export const mayRetry = (
  retry: ResolvedRetry,
  method: string,
  attempts: number,
  replayable: boolean,
  ending: AttemptFault | number,
): boolean =>
  attempts < retry.attempts &&
  replayable &&
  wanted(retry, ending) &&
  (ending === "connect" || idempotent.has(method));

/** Retry-After in milliseconds (RFC 9110 section 10.2.3); 0 if there is none or it makes no sense. */
export const retryAfterMs = (value: string, wallNowMs: number): number => {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // Date.parse alone takes "-1" for a year.
  const date = value.endsWith(" GMT") ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - wallNowMs);
};
