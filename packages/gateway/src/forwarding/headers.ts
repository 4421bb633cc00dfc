import { InvalidOptionError } from "@dp/core";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
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

/** Fields that the gateway writes on every request that travels on: a second line would contradict the first. */
const ownOfRequests: ReadonlySet<string> = new Set([
  "traceparent",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
]);

/** Throws InvalidOptionError if a middleware may not set `name` to `value` in the request that travels on. */
export const requireRequestHeader = (name: string, value: string): void => {
  const lower = name.toLowerCase();
  if (name.includes("_") || reserved.has(lower) || ownOfRequests.has(lower))
    throw new InvalidOptionError(
      "header name",
      name,
      "a token without '_' that is no framing or connection field and none the gateway sets itself",
    );
  requireHeader(name, value);
};

/** Throws InvalidOptionError if `name: value` cannot stand in a head: a message may not be split by its data. */
const requireHeader = (name: string, value: string): void => {
  if (!token.test(name))
    throw new InvalidOptionError("header name", name, "a token");
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
  // Without a prototype: `__proto__` is a name like any other.
  const headers = Object.create(null) as Record<
    string,
    string | readonly string[]
  >;
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

/** An object of headers of an answer as field lines; those that are the gateway's own are left out. Throws InvalidOptionError. */
export const writeHeaders = (
  headers: Readonly<Record<string, string | readonly string[]>>,
): string => {
  let lines = "";
  for (const [name, values] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (reserved.has(lower) || lower === "x-request-id") continue;
    for (const value of typeof values === "string" ? [values] : values) {
      requireHeader(name, value);
      lines += `${name}: ${value}\r\n`;
    }
  }
  return lines;
};
