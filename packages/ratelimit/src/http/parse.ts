import { systemClock, type Clock } from "@dp/core";
import { fieldsOf, type AnyHeaders } from "./any-headers.ts";
import { readRetryAfter, sentAt, withinReach } from "./retry-after.ts";
import { parseList, type ListItem } from "./structured-list.ts";

/** What a server told about one limit. */
export interface ToldLimit {
  /** As the server calls it; `default` where its fields have no names. */
  readonly name: string;
  /** Units that can be used before `resetAfterMs` is over. */
  readonly remaining: number;
  /** Missing if the server did not tell. */
  readonly resetAfterMs?: number;
}

/** What a server told a client about its limits. */
export interface ToldLimits {
  readonly limits: readonly ToldLimit[];
  /** What `Retry-After` asks for. It comes before what the limits say. */
  readonly retryAfterMs?: number;
}

/** How to read times. */
export interface ParseRateLimitOptions {
  /**
   * Its `wallNow()` is what dates are compared with when the response has no `Date` of its own.
   * @defaultValue the machine's clock
   */
  readonly clock?: Pick<Clock, "wallNow"> | undefined;
}

/**
 * What the fields of a response say about limits: of a `Headers`, a header object of Node, or pairs of name and value.
 *
 * Understood, the first that is there and well-formed: `RateLimit` of draft-ietf-httpapi-ratelimit-headers since 08
 * (`"name";r=9;t=60`, or `a` and `w` as proposed for a later one) and of 07 (`remaining=9, reset=60`);
 * `RateLimit-Remaining` and `RateLimit-Reset` of 03 to 06; `X-RateLimit-*` and `X-Rate-Limit-*`, whose reset may be
 * seconds, an epoch time in seconds or one in milliseconds. A malformed field counts as missing. Never throws; takes time
 * linear in the length of the fields.
 */
export const parseRateLimit = (
  headers: AnyHeaders,
  options: ParseRateLimitOptions = {},
): ToldLimits => {
  const clock = options.clock ?? systemClock;
  const field = fieldsOf(headers);
  const wallNowMs = clock.wallNow();
  const date = field("date");
  const retryAfter = field("retry-after");
  const retryAfterMs =
    retryAfter === undefined
      ? undefined
      : readRetryAfter(retryAfter, date, wallNowMs);
  const sentMs = sentAt(date, wallNowMs);
  const limits =
    fromList(field("ratelimit")) ??
    fromDictionary(field("ratelimit")) ??
    fromTriple(field, "ratelimit", sentMs) ??
    fromTriple(field, "x-ratelimit", sentMs) ??
    fromTriple(field, "x-rate-limit", sentMs) ??
    [];
  return retryAfterMs === undefined ? { limits } : { limits, retryAfterMs };
};

/** Since 08: a list of Strings with parameters. */
const fromList = (field: string | undefined): ToldLimit[] | undefined => {
  const items = field === undefined ? undefined : parseList(field);
  if (items === undefined || items.length === 0) return undefined;
  const limits: ToldLimit[] = [];
  for (const item of items) {
    const limit = fromItem(item);
    if (limit === undefined) return undefined;
    limits.push(limit);
  }
  return limits;
};

/** The names of what remains and of the seconds that it is for, in the drafts and as proposed. */
const parameterNames = [
  ["r", "t"],
  ["a", "w"],
] as const;

const fromItem = ({ text, integers }: ListItem): ToldLimit | undefined => {
  if (text === undefined) return undefined;
  for (const [remainingName, secondsName] of parameterNames) {
    const remaining = integers.get(remainingName);
    const seconds = integers.get(secondsName);
    if (remaining === undefined) continue;
    if (remaining < 0 || (seconds ?? 0) < 0) return undefined;
    return toldLimit(text, remaining, inMs(seconds));
  }
  return undefined;
};

const toldLimit = (
  name: string,
  remaining: number,
  resetAfterMs: number | undefined,
): ToldLimit =>
  resetAfterMs === undefined
    ? { name, remaining }
    : { name, remaining, resetAfterMs: withinReach(resetAfterMs) };

const inMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

/** Of 07: `limit=10, remaining=9, reset=60`. */
const fromDictionary = (field: string | undefined): ToldLimit[] | undefined => {
  if (field === undefined || field.length > 200) return undefined;
  const numberOf = (key: string): number | undefined => {
    const [, digits] =
      new RegExp(`(?:^|,) *${key}=(\\d{1,15}) *(?:,|;|$)`).exec(field) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const remaining = numberOf("remaining");
  if (remaining === undefined) return undefined;
  return [toldLimit("default", remaining, inMs(numberOf("reset")))];
};

/** Fields of one number each. */
const fromTriple = (
  field: (name: string) => string | undefined,
  prefix: string,
  sentMs: number,
): ToldLimit[] | undefined => {
  const remaining = numberIn(field(`${prefix}-remaining`));
  if (remaining === undefined) return undefined;
  const reset = numberIn(field(`${prefix}-reset`));
  const resetAfterMs =
    inMs(numberIn(field(`${prefix}-reset-after`))) ??
    (reset === undefined ? undefined : msUntil(reset, sentMs));
  return [toldLimit("default", Math.floor(remaining), resetAfterMs)];
};

const numberIn = (field: string | undefined): number | undefined =>
  field !== undefined && /^\d{1,15}(?:\.\d{1,9})?$/.test(field)
    ? Number(field)
    : undefined;

/** A reset as large as an epoch time is one: as seconds it would be more than 31 years away. */
const msUntil = (reset: number, sentMs: number): number => {
  if (reset < 1e9) return reset * 1000;
  return (reset < 1e11 ? reset * 1000 : reset) - sentMs;
};
