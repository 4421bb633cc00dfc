import {
  addedTo,
  admissionBy,
  type AnyLimiter,
  type RateLimitOptions,
} from "./admission.ts";
import { clientKey, type ClientRequest } from "./client-key.ts";

/** The parts of a reply of Fastify that are used. */
export interface FastifyReplyLike {
  getHeader(name: string): number | string | readonly string[] | undefined;
  header(name: string, value: string): unknown;
  code(status: number): unknown;
  send(body?: string): unknown;
}

/** A request of Fastify, as far as it is looked at. */
export interface FastifyRequestLike extends ClientRequest {
  readonly method: string;
  readonly url: string;
  /** The client's address as Fastify knows it: see its `trustProxy`. */
  readonly ip: string;
}

/**
 * An `onRequest` hook for Fastify that lets a request on while its key has units left and tells every client its limits:
 * `app.addHook('onRequest', rateLimitFastify(limiter))`, or `{ onRequest }` of a route. A refused request is answered
 * with a problem document before its body is read.
 *
 * What the limiter or a function of the options throws goes to Fastify's error handler. Throws `InvalidOptionError` for
 * a bad option.
 */
export const rateLimitFastify = <
  P extends string,
  Request extends FastifyRequestLike = FastifyRequestLike,
>(
  limiter: AnyLimiter<P>,
  options: RateLimitOptions<P, readonly [request: Request]> = {},
): ((
  request: NoInfer<Request>,
  reply: FastifyReplyLike,
) => Promise<unknown>) => {
  const admissionFor = admissionBy(limiter, options, clientKey());
  return async (request, reply) => {
    const admission = await admissionFor(request);
    if (admission === undefined) return undefined;
    const { fields, refusal } = admission;
    for (const [name, value] of fields)
      reply.header(
        name,
        addedTo(reply.getHeader(name)?.toString(), name, value),
      );
    if (refusal === undefined) return undefined;
    reply.code(refusal.status);
    // An async hook that gives the reply back tells Fastify that the request is answered.
    return reply.send(request.method === "HEAD" ? undefined : refusal.body);
  };
};
