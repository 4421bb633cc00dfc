/** The value of a Content-Length line, or -1 if it is not plain decimal digits below 10^15. */
export const declaredLength = (
  text: string,
  start: number,
  end: number,
): number => {
  if (end === start || end - start > 15) return -1;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    length = length * 10 + digit;
  }
  return length;
};

/** The value of a list field that came in several lines (RFC 9110 section 5.3). */
export const joinValues = (before: string, value: string): string =>
  before === "" ? value : `${before}, ${value}`;
