const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

const day = "(?<day>0[1-9]|[12]\\d|3[01])";
const month = `(?<month>${months.replace(/(?<=[a-z])(?=[A-Z])/g, "|")})`;
const time =
  "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)";

/** IMF-fixdate, and the two that must still be understood: of RFC 850 and of asctime. */
const forms = [
  `\\w{3}, ${day} ${month} (?<year>\\d{4}) ${time} GMT`,
  `\\w{6,9}, ${day}-${month}-(?<year>\\d{2}) ${time} GMT`,
  `\\w{3} ${month} (?:${day}| (?<digit>[1-9])) ${time} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/**
 * The milliseconds since the epoch that an HTTP-date names; undefined if the text is none. A year of two digits is not
 * more than fifty years after `nowMs`.
 *
 * Source: RFC 9110, 5.6.7.
 */
export const httpDateMs = (text: string, nowMs: number): number | undefined => {
  for (const form of forms) {
    const { groups } = form.exec(text) ?? {};
    if (groups === undefined) continue;
    return Date.UTC(
      yearOf(groups["year"] as string, nowMs),
      months.indexOf(groups["month"] as string) / 3,
      Number(groups["day"] ?? groups["digit"]),
      Number(groups["hour"]),
      Number(groups["minute"]),
      Number(groups["second"]),
    );
  }
  return undefined;
};

const yearOf = (digits: string, nowMs: number): number => {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
};
