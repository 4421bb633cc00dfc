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
  "UND_ERR_INVALID_ARG",
  "UND_ERR_INVALID_RETURN_VALUE",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
]);

/** What the cause of fetch's error says of a scheme it does not speak: there is no code for that. */
const schemes: ReadonlySet<string> = new Set([
  "unknown scheme",
  "about scheme is not supported",
  "not implemented... yet...",
]);

/**
 * Whether an error is the caller's own: a URL that is none, a scheme or an argument that cannot work, a client that was
 * closed. One network error behind it, and it is not.
 */
export const isMisuse = (error: unknown): boolean => {
  let found = false;
  for (const each of causesOf(error)) {
    const { code, message } = each as { code?: unknown; message?: unknown };
    if (isNetwork(code)) return false;
    found ||= misuse.has(code as string) || schemes.has(message as string);
  }
  return found;
};

const isNetwork = (code: unknown): boolean =>
  typeof code === "string" &&
  (network.has(code) || (code.startsWith("UND_ERR_") && !misuse.has(code)));
