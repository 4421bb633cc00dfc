// What a character of a path is to the decoder below; everything not named is `refused`.
const plain = 0; // stays as it is
const escape = 1; // %: decides with the two characters after it
const encoded = 2; // printable, but not allowed in a URI's path (RFC 3986 section 3.3): becomes %XX
const refused = 3; // control, space, 8-bit, \ # ?

const kinds = new Uint8Array(128).fill(refused);
const mark = (characters: string, kind: number): void => {
  for (let index = 0; index < characters.length; index++)
    kinds[characters.charCodeAt(index)] = kind;
};
const unreserved =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
mark(unreserved, plain);
mark("/!$&'()*+,;=:@", plain);
mark("%", escape);
mark('"<>[]^`{|}', encoded);

const SLASH = 0x2f;

/**
 * Finds what may have to change: a character that is not plain, `//`, or a segment that begins with a dot. `&-;` is
 * & ' ( ) * + , - . / 0-9 : ; and `@-Z` is @ and A-Z. A regex, because on a part cut out of a longer text it is a third
 * faster than a loop over `charCodeAt`.
 */
const unusual = /[^!$&-;=@-Z_a-z~]|\/[/.]/;

/**
 * The one form of a request's path that is matched, authorised, limited and forwarded, or `undefined` for a path that
 * is answered 400. Takes the path alone, from its `/` up to (not with) the `?`.
 *
 * Unreserved characters are decoded and other escapes get upper-case hex; characters a URI may not hold are escaped;
 * `//` is merged and then dot segments, `%2e` ones too, are resolved (RFC 3986 sections 5.2.4 and 6.2.2). A trailing
 * slash stays, and `;x` stays in its segment. Refused, because servers behind disagree on them: escaped `/`, `\` and
 * NUL, a bad `%`, `\`, `#`, `?`, controls, spaces, 8-bit characters and `..` above the root.
 *
 * The result of any call is canonical. A path without escapes, `//` and leading dots in segments comes back as it is
 * after one scan that allocates nothing.
 */
export const canonicalPath = (raw: string): string | undefined => {
  if (raw.charCodeAt(0) !== SLASH) return undefined;
  return unusual.test(raw) ? rebuild(raw) : raw;
};

const rebuild = (raw: string): string | undefined => {
  const decoded = decodeUnreserved(raw);
  if (decoded === undefined) return undefined;
  const kept: string[] = [];
  let open = false; // the path ends in a slash as far as it has been read
  for (const segment of decoded.split("/")) {
    open = segment === "" || segment === "." || segment === "..";
    if (segment === "..") {
      if (kept.pop() === undefined) return undefined;
    } else if (!open) kept.push(segment);
  }
  return `/${kept.join("/")}${open && kept.length > 0 ? "/" : ""}`;
};

const decodeUnreserved = (raw: string): string | undefined => {
  let out = "";
  for (let index = 0; index < raw.length; index++) {
    const code = raw.charCodeAt(index);
    const kind = code > 127 ? refused : kinds[code];
    if (kind === refused) return undefined;
    if (kind === plain) out += raw.charAt(index);
    else if (kind === encoded) out += percent(code);
    else {
      const high = hexDigit(raw.charCodeAt(index + 1));
      const low = hexDigit(raw.charCodeAt(index + 2));
      if (high < 0 || low < 0) return undefined;
      const byte = high * 16 + low;
      if (byte === 0 || byte === SLASH || byte === 0x5c) return undefined;
      const character = String.fromCharCode(byte);
      out += unreserved.includes(character) ? character : percent(byte);
      index += 2;
    }
  }
  return out;
};

const percent = (byte: number): string =>
  `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;

/** NaN, from beyond the end, is no digit either. */
const hexDigit = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};
