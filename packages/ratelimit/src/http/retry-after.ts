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
  const atMs = readHttpDate(field, wallNowMs);
  if (atMs === undefined) return undefined;
  return withinReach(atMs - sentAt(date, wallNowMs));
};

/** `ms` as a delay: neither past nor beyond what can be counted. */
export const withinReach = (ms: number): number =>
  Math.min(Math.max(0, ms), longestMs);

/** When the response was sent, by the clock of the server if it told. */
export const sentAt = (date: string | undefined, wallNowMs: number): number =>
  (date === undefined ? undefined : readHttpDate(date, wallNowMs)) ?? wallNowMs;

const monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** The preferred form, and the two obsolete ones that recipients must accept (RFC 9110, 5.6.7). */
const dateForms = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** The time an HTTP-date names, in ms since the epoch. A year of two digits is at most fifty years ahead. */
const readHttpDate = (text: string, wallNowMs: number): number | undefined => {
  for (const form of dateForms) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const { day = "", month = "", time = "" } = parts;
    const at = monthNames.indexOf(month);
    const [hour = 24, minute = 60, second = 61] = time.split(":").map(Number);
    const valid =
      at % 3 === 0 &&
      Number(day) >= 1 &&
      Number(day) <= 31 &&
      hour < 24 &&
      minute < 60 &&
      second < 61;
    if (!valid) return undefined;
    const year = fullYear(parts["year"] ?? "", wallNowMs);
    return Date.UTC(year, at / 3, Number(day), hour, minute, second);
  }
  return undefined;
};

const fullYear = (digits: string, wallNowMs: number): number => {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(wallNowMs).getUTCFullYear();
  const year = Math.floor(thisYear / 100) * 100 + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
};
