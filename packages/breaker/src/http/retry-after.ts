import { httpDateMs } from "@dp/core";

/** More than anybody waits, and small enough to be added to a time. */
const longestMs = 2 ** 31 * 86_400_000;

/**
 * The milliseconds that a `Retry-After` field asks for, at least 0; undefined if it is neither seconds nor a date.
 *
 * A date is compared with the response's own `Date` field, because what matters is how far the server thinks it is
 * away, not what this machine's clock shows; only without one it is compared with `wallNow`.
 *
 * Source: RFC 9110, 10.2.3.
 */
export const retryAfterMs = (
  field: string,
  date: string | undefined,
  wallNow: () => number,
): number | undefined => {
  const text = field.trim();
  if (/^-?\d+$/.test(text)) return bounded(Number(text) * 1_000);
  const nowMs = wallNow();
  const atMs = httpDateMs(text, nowMs);
  if (atMs === undefined) return undefined;
  const sentMs = date === undefined ? undefined : httpDateMs(date, nowMs);
  return bounded(atMs - (sentMs ?? nowMs));
};

const bounded = (ms: number): number => Math.min(Math.max(0, ms), longestMs);
