import { InvalidOptionError } from "@dp/core";
import type { Keys } from "../keys.ts";
import {
  admissionBy,
  type AnyLimiter,
  type RateLimitOptions,
} from "./admission.ts";
import { refusalResponse, withFields } from "./web-response.ts";

/** {@link RateLimitOptions} of a fetch handler, whose requests do not tell whom they are from. */
export interface FetchRateLimitOptions<
  P extends string,
  Rest extends readonly unknown[],
> extends RateLimitOptions<P, readonly [request: Request, ...rest: Rest]> {
  /** Who is charged. Gets what the server passes to the handler beside the request: there most put the address. */
  readonly key: (request: Request, ...rest: Rest) => Keys<P>;
}

/** What a fetch handler gives back. */
type Answer = Response | Promise<Response>;

/**
 * A wrapper for handlers of Web requests, as Deno, Bun, Workers and most routers take them: the wrapped handler is called
 * while the request's key has units left, and its response tells the client its limits. A refused request is answered
 * with a problem document.
 *
 * What the limiter, a function of the options or the handler throws rejects the promise. Throws `InvalidOptionError` for
 * a bad option.
 */
export const rateLimitFetch = <
  P extends string,
  Rest extends readonly unknown[] = [],
>(
  limiter: AnyLimiter<P>,
  options: FetchRateLimitOptions<P, Rest>,
): (<All extends readonly [...Rest, ...unknown[]]>(
  handler: (request: Request, ...rest: All) => Answer,
) => (request: Request, ...rest: All) => Promise<Response>) => {
  const given = options as Partial<FetchRateLimitOptions<P, Rest>> | undefined;
  if (given?.key === undefined)
    throw new InvalidOptionError("key", undefined, "a function of the request");
  const admissionFor = admissionBy(limiter, options, options.key);
  return (handler) =>
    async (request, ...rest) => {
      const admission = await admissionFor(
        request,
        ...(rest as readonly unknown[] as Rest),
      );
      if (admission === undefined) return handler(request, ...rest);
      const { fields, refusal } = admission;
      return refusal === undefined
        ? withFields(await handler(request, ...rest), fields)
        : refusalResponse(fields, refusal, request.method);
    };
};
