// For everyone.
export { rateLimit } from "./connect.ts";
export { rateLimitFastify } from "./fastify.ts";
export { rateLimitHono } from "./hono.ts";
export { rateLimitFetch, type FetchRateLimitOptions } from "./fetch-handler.ts";
export type { AnyLimiter, RateLimitOptions } from "./admission.ts";
export {
  rateLimitHeaders,
  type RateLimitField,
  type RateLimitHeaderOptions,
} from "./headers.ts";
export { problemDetails, type RateLimitProblem } from "./problem.ts";
export {
  parseRateLimit,
  type ParseRateLimitOptions,
  type ToldLimit,
  type ToldLimits,
} from "./parse.ts";
export type { AnyHeaders } from "./any-headers.ts";
export { pacedFetch, type PacedFetchOptions } from "./paced-fetch.ts";
export { WaitTooLongError } from "./wait-too-long-error.ts";
export {
  clientKey,
  type ClientKeyOptions,
  type ClientRequest,
} from "./client-key.ts";

// What the middlewares see of each framework.
export type { NodeRequest, NodeResponse } from "./connect.ts";
export type { FastifyReplyLike, FastifyRequestLike } from "./fastify.ts";
export type { HonoContext } from "./hono.ts";

// For authors of servers that read and write heads themselves.
export { rateLimitLines } from "./headers.ts";
export { addressKey } from "./client-key.ts";
