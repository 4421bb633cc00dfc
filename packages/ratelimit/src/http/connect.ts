import {
  addedTo,
  admissionBy,
  type Admission,
  type AnyLimiter,
  type RateLimitOptions,
} from "./admission.ts";
import { clientKey, type ClientRequest } from "./client-key.ts";

/** The parts of a response of `node:http` that are used. */
export interface NodeResponse {
  statusCode: number;
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
}

/** A request of `node:http`, as far as it is looked at. */
export interface NodeRequest extends ClientRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

type NodeMiddleware<Request> = (
  request: Request,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * A middleware for Express, Connect and plain `node:http` that lets a request on to `next()` while its key has units
 * left and tells every client its limits. A refused request is answered with a problem document and goes no further.
 *
 * What the limiter or a function of the options throws goes to `next(error)`. Throws `InvalidOptionError` for a bad
 * option.
 */
export function rateLimit<
  P extends string,
  Request extends NodeRequest = NodeRequest,
>(
  limiter: AnyLimiter<P>,
  options?: RateLimitOptions<P, readonly [request: NoInfer<Request>]>,
): NodeMiddleware<Request>;
export function rateLimit<
  P extends string,
  Request extends NodeRequest = NodeRequest,
>(
  limiter: AnyLimiter<P>,
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the order says where the type of the request comes from: from where the middleware is used, else from what the functions ask for
  options?: RateLimitOptions<P, readonly [request: Request]>,
): NodeMiddleware<Request>;
export function rateLimit<P extends string, Request extends NodeRequest>(
  limiter: AnyLimiter<P>,
  options: RateLimitOptions<P, readonly [request: Request]> = {},
): NodeMiddleware<Request> {
  const admissionFor = admissionBy(limiter, options, clientKey());
  return (request, response, next) => {
    // Without an error `next` would let the request on.
    const fail = (error: unknown): void =>
      next(error || new Error("The limiter failed without saying why."));
    const settle = (admission: Admission | undefined): void => {
      let handled: boolean;
      try {
        handled = write(admission, request, response);
      } catch (error) {
        fail(error);
        return;
      }
      // Not in the try: what the handlers throw is theirs, and `next` is called once.
      if (!handled) next();
    };
    let admission: Admission | undefined | Promise<Admission>;
    try {
      admission = admissionFor(request);
    } catch (error) {
      fail(error);
      return;
    }
    if (admission instanceof Promise) void admission.then(settle, fail);
    else settle(admission);
  };
}

/** Whether the response is complete. */
const write = (
  admission: Admission | undefined,
  request: NodeRequest,
  response: NodeResponse,
): boolean => {
  if (admission === undefined) return false;
  const { fields, refusal } = admission;
  for (const [name, value] of fields)
    response.setHeader(
      name,
      addedTo(response.getHeader(name)?.toString(), name, value),
    );
  if (refusal === undefined) return false;
  response.statusCode = refusal.status;
  response.end(request.method === "HEAD" ? undefined : refusal.body);
  return true;
};
