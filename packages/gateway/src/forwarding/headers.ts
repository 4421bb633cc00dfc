import { InvalidOptionError } from "@dp/core";

const token = /^[!#$%&'*+\-.^`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that frame messages or belong to one connection: only the gateway writes them. */
const reserved: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Throws InvalidOptionError if `name: value` cannot stand in a head: a response may not be split by its data. */
export const requireHeader = (name: string, value: string): void => {
  if (!token.test(name) || reserved.has(name.toLowerCase()))
    throw new InvalidOptionError(
      "header name",
      name,
      "a token without '_' that is no framing or connection field",
    );
  if (!fieldValue.test(value))
    throw new InvalidOptionError(
      `value of header ${name}`,
      value,
      "latin1 text without control characters",
    );
};

/** Field lines as an object with lower-case names; several lines of a name become a list. */
export const readHeaders = (
  lines: string,
): Record<string, string | readonly string[]> => {
  const headers: Record<string, string | readonly string[]> = {};
  for (const line of lines.split("\r\n")) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    headers[name] =
      known === undefined
        ? value
        : typeof known === "string"
          ? [known, value]
          : [...known, value];
  }
  return headers;
};

/** An object of headers as field lines, each checked by {@link requireHeader}. Reserved fields are left out. */
export const writeHeaders = (
  headers: Readonly<Record<string, string | readonly string[]>>,
): string => {
  let lines = "";
  for (const [name, values] of Object.entries(headers)) {
    if (reserved.has(name.toLowerCase())) continue;
    for (const value of typeof values === "string" ? [values] : values) {
      requireHeader(name, value);
      lines += `${name}: ${value}\r\n`;
    }
  }
  return lines;
};
