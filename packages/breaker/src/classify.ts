import { ResilienceError } from "./errors.ts";

/** How one call ended and how long it took. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown; readonly elapsedMs: number }
  | { readonly ok: false; readonly error: unknown; readonly elapsedMs: number };

/**
 * What an outcome says about the service behind it.
 *
 * - `success`: it works. A circuit counts it.
 * - `failure`: it does not. A circuit counts it, retry repeats it, no sooner than `retryAfterMs` if that is given.
 * - `ignore`: it says nothing. A circuit does not count it and gives a probe's permit back; retry ends.
 */
export type Verdict =
  | "success"
  | "failure"
  | "ignore"
  | { readonly failure: true; readonly retryAfterMs?: number | undefined };

/**
 * The one place that says what counts: every policy of a pipeline asks it. Must be quick and must not throw; a throw
 * ends the call with that error and is counted by nobody. It is not asked about a call that failed after its caller
 * aborted: that is always `ignore`.
 */
export type Classify = (outcome: Outcome) => Verdict;

/**
 * Any value is a success and any error a failure, except that a call refused on this side (every `ResilienceError` but
 * a timeout) is ignored: it never reached the service, and repeating it at once would be refused again. An error with
 * a `retryAfterMs` of its own passes it on.
 */
export const defaultClassify: Classify = (outcome) =>
  outcome.ok ? "success" : errorVerdict(outcome.error);

const errorVerdict = (error: unknown): Verdict => {
  if (ResilienceError.is(error))
    return error.kind === "timeout" ? "failure" : "ignore";
  if (typeof error === "object" && error !== null && "retryAfterMs" in error) {
    const { retryAfterMs } = error;
    if (typeof retryAfterMs === "number" && retryAfterMs >= 0)
      return { failure: true, retryAfterMs };
  }
  return "failure";
};
