import { httpDateMs } from "@dp/core";

/** More than anybody waits, and small enough to be added to any time. */
const longestMs = 2 ** 52;

/**
 * The milliseconds that a `Retry-After` field asks for, at least 0; undefined if it is neither whole seconds nor a date.
 *
 * How far away a date is, only the server knows: it is compared with the response's own `Date` (`date`) where there is
 * one, else with `wallNowMs`.
 *
 * Source: RFC 9110, 10.2.3.
 */
export const readRetryAfter = (
  field: string,
  date: string | undefined,
  wallNowMs: number,
): number | undefined => {
  if (/^\d+$/.test(field)) return withinReach(Number(field) * 1000);
  const atMs = httpDateMs(field, wallNowMs);
  if (atMs === undefined) return undefined;
  return withinReach(atMs - sentAt(date, wallNowMs));
};

/** `ms` as a delay: neither past nor beyond what can be counted. */
export const withinReach = (ms: number): number =>
  Math.min(Math.max(0, ms), longestMs);

/** When the response was sent, by the clock of the server if it told. */
export const sentAt = (date: string | undefined, wallNowMs: number): number =>
  (date === undefined ? undefined : httpDateMs(date, wallNowMs)) ?? wallNowMs;
