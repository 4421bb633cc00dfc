// For everyone.
export { rateLimitHeaders, type RateLimitHeaderOptions } from "./headers.ts";
export { problemDetails, type RateLimitProblem } from "./problem.ts";
export {
  clientKey,
  type ClientKeyOptions,
  type ClientRequest,
} from "./client-key.ts";

// For authors of servers that read and write heads themselves.
export { rateLimitLines } from "./headers.ts";
export { addressKey } from "./client-key.ts";
