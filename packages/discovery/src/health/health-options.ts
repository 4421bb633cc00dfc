import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  type Duration,
} from "@dp/core";

export interface HealthTiming {
  /**
   * From the start of one check to the start of the next; above 0. Only the second check comes earlier, by chance, so
   * that instances that come together are not checked together ever after. @defaultValue 5s
   */
  readonly interval?: Duration | undefined;
  /** When a check that has not answered counts as failed; above 0. @defaultValue 1s */
  readonly timeout?: Duration | undefined;
  /** Successes in a row that make an unhealthy instance healthy; at least 1. @defaultValue 2 */
  readonly rise?: number | undefined;
  /** Failures in a row that make a healthy instance unhealthy; at least 1. @defaultValue 3 */
  readonly fall?: number | undefined;
}

export interface HttpHealthOptions extends HealthTiming {
  /** What to get; begins with a slash. @defaultValue /healthz */
  readonly path?: string | undefined;
  /** The status, or all statuses, that pass; 200 to 599. Redirects are not followed. @defaultValue 200 to 299 */
  readonly status?: number | readonly number[] | undefined;
  /** Sent with each check; `host` for a virtual host. @defaultValue none but `user-agent` and `accept` */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface GrpcHealthOptions extends HealthTiming {
  /** The full name of the service to ask about; empty asks about the server as a whole. @defaultValue empty */
  readonly service?: string | undefined;
}

export interface ResolvedHealthTiming {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
}

/** What an HTTP check sends, and which answers pass. */
export interface HttpQuestion {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly passes: (status: number) => boolean;
}

/** The least a repeated wait may be: a zero would spin. */
const leastMs = 1;

/** Throws `InvalidOptionError` for a bad value. */
export const resolveHealthTiming = (
  options: HealthTiming,
): ResolvedHealthTiming => ({
  intervalMs: requireDuration("interval", options.interval ?? "5s", leastMs),
  timeoutMs: requireDuration("timeout", options.timeout ?? "1s", leastMs),
  rise: requireInteger("rise", options.rise ?? 2, 1),
  fall: requireInteger("fall", options.fall ?? 3, 1),
});

const requirePath = (path: string): string => {
  // The characters a request target may consist of; node:http would throw for others at the first check only.
  if (/^\/[\x21-\x7e]*$/.test(path)) return path;
  throw new InvalidOptionError(
    "path",
    path,
    "a slash and printable ASCII characters without spaces",
  );
};

const requireHeaders = (
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const { validateHeaderName, validateHeaderValue } =
    process.getBuiltinModule("node:http");
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      const { message } = cause as Error;
      throw new InvalidOptionError(
        "headers",
        headers,
        `names and values that HTTP can carry (${message})`,
      );
    }
  }
  return { ...headers };
};

/** Throws `InvalidOptionError` for a bad value. */
export const resolveHttpQuestion = (
  options: HttpHealthOptions,
): HttpQuestion => {
  const path = requirePath(options.path ?? "/healthz");
  const headers = requireHeaders(options.headers ?? {});
  const { status } = options;
  if (status === undefined)
    return { path, headers, passes: (each) => each >= 200 && each <= 299 };
  const statuses = new Set(
    [status].flat().map((each) => requireInteger("status", each, 200, 599)),
  );
  return { path, headers, passes: (each) => statuses.has(each) };
};

/** The service to ask about. Throws `InvalidOptionError` for a bad value. */
export const resolveGrpcService = (options: GrpcHealthOptions): string => {
  const service: unknown = options.service ?? "";
  if (typeof service === "string") return service;
  throw new InvalidOptionError("service", service, "a string");
};
