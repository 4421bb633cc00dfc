import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  type Duration,
} from "@dp/core";

export interface HealthTiming {
  /** From the start of one check to the start of the next; above 0. @defaultValue 5s */
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
}

/** The least a repeated wait may be: a zero would spin. */
const leastMs = 1;

/** Throws `InvalidOptionError` for a bad value. */
export const resolveHealthTiming = (
  options: HealthTiming,
): { intervalMs: number; timeoutMs: number; rise: number; fall: number } => ({
  intervalMs: requireDuration("interval", options.interval ?? "5s", leastMs),
  timeoutMs: requireDuration("timeout", options.timeout ?? "1s", leastMs),
  rise: requireInteger("rise", options.rise ?? 2, 1),
  fall: requireInteger("fall", options.fall ?? 3, 1),
});

/** Throws `InvalidOptionError` for a bad value. */
export const resolveHttpHealth = (
  options: HttpHealthOptions,
): ReturnType<typeof resolveHealthTiming> & { path: string } => {
  const path = options.path ?? "/healthz";
  // The characters a request target may consist of; node:http would throw for others at the first check only.
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw new InvalidOptionError(
      "path",
      path,
      "a slash and printable ASCII characters without spaces",
    );
  return { path, ...resolveHealthTiming(options) };
};
