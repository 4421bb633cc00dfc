/** Bits of {@link byteClasses}. */
export const TOKEN = 1;
/** Visible ASCII, space, tab and 8-bit bytes: what a field value may hold (RFC 9110 section 5.5). */
export const VALUE = 2;
/** Visible ASCII: what a request target may hold before it is looked at closely. */
export const TARGET = 4;
/** The underscore, legal in a token but unsafe in a field name: many servers read `a_b` and `a-b` as one. */
export const UNDERSCORE = 8;
/** Digits and a-f in either case. */
export const HEX = 16;

/** What each byte may be part of, one lookup a byte. */
export const byteClasses: Uint8Array = new Uint8Array(256);

for (let code = 0; code < 256; code++) {
  const char = String.fromCharCode(code);
  let bits = 0;
  if (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(char)) bits |= TOKEN;
  if (code === 9 || (code >= 32 && code !== 127)) bits |= VALUE;
  if (code > 32 && code < 127) bits |= TARGET;
  if (char === "_") bits |= UNDERSCORE;
  if (/[0-9A-Fa-f]/.test(char)) bits |= HEX;
  byteClasses[code] = bits;
}

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const COLON = 58;

/** Whether `text[start, end)` is `lower` (which must be lower case) in any case. */
export const equalsIgnoringCase = (
  text: string,
  start: number,
  end: number,
  lower: string,
): boolean => {
  if (end - start !== lower.length) return false;
  for (let index = 0; index < lower.length; index++) {
    const code = text.charCodeAt(start + index);
    const folded = code >= 65 && code <= 90 ? code | 32 : code;
    if (folded !== lower.charCodeAt(index)) return false;
  }
  return true;
};
