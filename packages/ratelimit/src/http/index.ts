// For everyone.
export { rateLimitHeaders, type RateLimitHeaderOptions } from "./headers.ts";
export { problemDetails, type RateLimitProblem } from "./problem.ts";

// For authors of servers that write response heads themselves.
export { rateLimitLines } from "./headers.ts";
