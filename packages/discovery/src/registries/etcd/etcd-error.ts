import { DpError } from "@dp/core";

/** gRPC status codes that decide something here. */
export const grpcCode = {
  unknown: 2,
  notFound: 5,
  outOfRange: 11,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/**
 * etcd refused, or could not be reached (`grpcCode` 14). Code `DP_ETCD`; retryable unless etcd will say the same again.
 */
export class EtcdError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/discovery.EtcdError",
  );
  /** The gRPC status: 5 not found, 7 permission denied, 11 out of range, 14 unavailable, 16 unauthenticated, ... */
  readonly grpcCode: number;

  constructor(message: string, code: number, options?: ErrorOptions) {
    const isFinal = [3, 7, 9, 12].includes(code);
    super("DP_ETCD", message, { ...options, retryable: !isFinal });
    this.grpcCode = code;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)
    : {};

/**
 * The error in an answer, or undefined if it is none. There are four shapes: etcd 3.4 answers a call with
 * `{ error: text, code }` and a stream with `{ error: { grpc_code, message } }`; from 3.5 on (grpc-gateway v2) it is
 * `{ code, message }` and `{ error: { code, message } }`.
 */
export const errorIn = (
  answer: unknown,
  status: number,
): EtcdError | undefined => {
  const outer = fieldsOf(answer);
  const { error } = outer;
  const isNested = typeof error === "object" && error !== null;
  const isOk = status >= 200 && status < 300;
  if (isOk && (error === undefined || error === null)) return undefined;
  const inner = isNested ? fieldsOf(error) : outer;
  const code = inner["grpc_code"] ?? inner["code"];
  const message = inner["message"] ?? error;
  return new EtcdError(
    typeof message === "string" && message !== ""
      ? message
      : `HTTP status ${status}`,
    typeof code === "number" ? code : codeOf(status),
  );
};

/** What a proxy before etcd means by its bare status. */
const codeOf = (status: number): number => {
  if (status === 401) return grpcCode.unauthenticated;
  return status === 429 || status >= 500
    ? grpcCode.unavailable
    : grpcCode.unknown;
};

const says = (error: unknown, words: string): boolean =>
  EtcdError.is(error) && error.message.includes(words);

/** The revision asked for is compacted: what happened since is no longer to be had. */
export const isCompacted = (error: unknown): boolean =>
  says(error, "has been compacted");

/** The revision asked for has not happened yet. */
export const isFuture = (error: unknown): boolean =>
  says(error, "future revision");

/** The lease has run out or was revoked. */
export const isLeaseGone = (error: unknown): boolean =>
  says(error, "lease not found");

/** The token has run out, the rights were changed since, or none was sent. */
export const isTokenRefused = (error: unknown): boolean =>
  says(error, "invalid auth token") ||
  says(error, "revision of auth store is old") ||
  says(error, "user name is empty") ||
  (EtcdError.is(error) && error.grpcCode === grpcCode.unauthenticated);

/** Another member may do better. */
export const isUnavailable = (error: unknown): boolean =>
  !EtcdError.is(error) || error.grpcCode === grpcCode.unavailable;
