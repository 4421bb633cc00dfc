import { InvalidOptionError, requireInteger } from "@dp/core";
import type { Decision } from "../decision.ts";
import type { Keys } from "../keys.ts";
import type { Limiter, MemoryLimiter } from "../limiter.ts";
import {
  rateLimitHeaders,
  requireDraft,
  type RateLimitHeaderOptions,
} from "./headers.ts";
import { problemDetails } from "./problem.ts";

/**
 * What a middleware charges for a request, and to whom. `Request` are the arguments its functions get: the request as
 * the framework gives it, and for `rateLimitFetch` what else the server passes to its handler.
 *
 * An error that one of the functions throws goes to the framework, as a limiter's own does; the request is not handled.
 */
export interface RateLimitOptions<
  P extends string,
  Request extends readonly unknown[],
> extends RateLimitHeaderOptions {
  /**
   * Who is charged. Behind a proxy give one: `clientKey({ trust: ['10.0.0.0/8'] })`, or the user's id.
   * @defaultValue the address of the connection, as `clientKey()` tells it; `rateLimitFetch` knows none and needs a key
   */
  readonly key?: ((...request: Request) => Keys<P>) | undefined;
  /**
   * Units a request takes: an integer of at least 0, or a function that gives one.
   * @defaultValue 1
   */
  readonly cost?: number | ((...request: Request) => number) | undefined;
  /**
   * Requests that are handled without being counted or told of any limit, such as health checks.
   * @defaultValue none
   */
  readonly skip?: ((...request: Request) => boolean) | undefined;
}

/** A limiter on any store; the faster way is taken where the store has it. */
export type AnyLimiter<P extends string> = Pick<Limiter<P>, "take"> &
  Partial<Pick<MemoryLimiter<P>, "takeSync">>;

/** What to write on the response, and whether the request is answered by it. */
export interface Admission {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Present when the request is refused. */
  readonly refusal?: {
    readonly status: 429 | 503;
    /** A problem document as JSON text. */
    readonly body: string;
  };
}

/**
 * A function that decides on a request: its admission, or undefined if it is skipped. At once if the limiter can; then it
 * also throws at once. Throws `InvalidOptionError` for a bad option.
 */
export const admissionBy = <
  P extends string,
  Request extends readonly unknown[],
>(
  limiter: AnyLimiter<P>,
  options: RateLimitOptions<P, Request>,
  connectionKey: (...request: Request) => Keys<P>,
): ((...request: Request) => Admission | undefined | Promise<Admission>) => {
  if (typeof (limiter as AnyLimiter<P> | undefined)?.take !== "function")
    throw new InvalidOptionError(
      "limiter",
      limiter,
      "a limiter like createLimiter({ policies })",
    );
  const draft = requireDraft(options.draft);
  const { skip, cost = 1 } = options;
  requireFunction("skip", skip);
  requireFunction("key", options.key);
  if (typeof cost !== "function") requireInteger("cost", cost);
  const key = options.key ?? connectionKey;
  const admit = (decision: Decision<P>): Admission =>
    admissionOf(decision, draft);
  return (...request) => {
    if (skip?.(...request) === true) return undefined;
    const keys = key(...request);
    const units = typeof cost === "function" ? cost(...request) : cost;
    return limiter.takeSync === undefined
      ? limiter.take(keys, units).then(admit)
      : admit(limiter.takeSync(keys, units));
  };
};

const requireFunction = (option: string, value: unknown): void => {
  if (value !== undefined && typeof value !== "function")
    throw new InvalidOptionError(option, value, "a function of the request");
};

const admissionOf = (decision: Decision<string>, draft: 10 | 11): Admission => {
  const fields = Object.entries(rateLimitHeaders(decision, { draft }));
  if (decision.allowed) return { fields };
  const problem = problemDetails(decision);
  fields.push(
    ["Content-Type", "application/problem+json"],
    ["Cache-Control", "no-store"],
  );
  return {
    fields,
    refusal: { status: problem.status, body: JSON.stringify(problem) },
  };
};

/**
 * The value of field `name` once `value` is added to what the response has already: the RateLimit fields are lists, to
 * which each limiter on a request's way adds its own limits; all others are replaced.
 */
export const addedTo = (
  before: string | null | undefined,
  name: string,
  value: string,
): string =>
  name.startsWith("RateLimit") && before ? `${before}, ${value}` : value;
