import { causesOf } from "./causes.ts";

/** What sockets, name resolution and TLS say when a service cannot be reached. */
const network: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "EPROTO",
]);

/** What undici and Node say to a call that could not have been sent. */
const misuse: ReadonlySet<string> = new Set([
  "ERR_INVALID_URL",
  "ERR_INVALID_PROTOCOL",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_INVALID_CHAR",
  "ERR_UNESCAPED_CHARACTERS",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_INVALID_RETURN_VALUE",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
]);

/** What fetch says, itself or as the cause of its error, to arguments that cannot work: there are no codes for that. */
const texts: ReadonlySet<string> = new Set([
  "unknown scheme",
  "about scheme is not supported",
  "not implemented... yet...",
  "bad port",
  "Request with GET/HEAD method cannot have body.",
  "RequestInit: duplex option is required when sending a body.",
  "Cannot construct a Request with a Request object that has already been used.",
  "Response body object should not be disturbed or locked",
]);

/** How such texts begin or end that name the argument. */
const beginnings: readonly string[] = [
  "Request cannot be constructed from a URL that includes credentials",
  "Cannot convert argument to a ByteString",
];
const ends: readonly string[] = [
  " is an invalid header name.",
  " is an invalid header value.",
  " is not a valid HTTP method.",
  " HTTP method is unsupported.",
];

/**
 * Whether an error is the caller's own: a URL that is none, a scheme or an argument that cannot work, a client that was
 * closed. One network error behind it, and it is not; nor is a redirect to a URL that is none, which the service sent.
 */
export const isMisuse = (error: unknown): boolean => {
  let found = false;
  for (const each of causesOf(error)) {
    const { code, message } = each as { code?: unknown; message?: unknown };
    if (isNetwork(code) || isBadRedirect(each)) return false;
    found ||= misuse.has(code as string) || isMisuseText(message);
  }
  return found;
};

const isNetwork = (code: unknown): boolean =>
  typeof code === "string" &&
  (network.has(code) || (code.startsWith("UND_ERR_") && !misuse.has(code)));

/** A URL of the caller is parsed before anything is sent, and then fetch has not failed. */
const isBadRedirect = (error: object): boolean => {
  const { message, cause } = error as { message?: unknown; cause?: unknown };
  return (
    message === "fetch failed" &&
    (cause as { code?: unknown } | undefined)?.code === "ERR_INVALID_URL"
  );
};

const isMisuseText = (text: unknown): boolean =>
  typeof text === "string" &&
  (texts.has(text) ||
    beginnings.some((beginning) => text.startsWith(beginning)) ||
    ends.some((end) => text.endsWith(end)));
