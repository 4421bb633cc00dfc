/** Methods that may be sent twice with the effect of one. Source: RFC 9110, 9.2.2. */
const idempotent: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
  "TRACE",
]);

/** Bodies that sending does not use up, by name: they may be of another realm or another copy of undici. */
const lasting: ReadonlySet<string> = new Set([
  "[object ArrayBuffer]",
  "[object Blob]",
  "[object File]",
  "[object FormData]",
  "[object URLSearchParams]",
]);

/**
 * Whether a request may be sent more than once and can be: its method is idempotent or it carries an `Idempotency-Key`,
 * and its body is not used up by sending it. The body of a `Request` is a stream, so it is.
 */
export const isRepeatable = (
  input: string | URL | Request,
  init: RequestInit | undefined,
): boolean => {
  const request = requestOf(input);
  const method = init?.method ?? request?.method ?? "GET";
  return (
    isLasting(init?.body ?? request?.body) &&
    (idempotent.has(method.toUpperCase()) ||
      new Headers(init?.headers ?? request?.headers).has("idempotency-key"))
  );
};

/** The input if it is a `Request`, of whatever copy of undici. */
export const requestOf = (
  input: string | URL | Request,
): Request | undefined =>
  typeof input === "object" && (input as unknown) !== null && "method" in input
    ? input
    : undefined;

const isLasting = (body: unknown): boolean =>
  body === undefined ||
  body === null ||
  typeof body === "string" ||
  ArrayBuffer.isView(body) ||
  lasting.has(Object.prototype.toString.call(body));
