import type { Problem } from "../problem.ts";
import type { AttemptFault } from "./attempt.ts";

/** What a client is told when the last attempt failed. The upstream's address stays out of it; the log has it. */
export const failureProblem = (fault: AttemptFault): Problem => {
  switch (fault) {
    case "connect":
      return {
        status: 502,
        error: "connection_refused",
        detail: "The service could not be reached.",
      };
    case "reset":
      return {
        status: 502,
        error: "connection_terminated",
        detail: "The service closed its connection before it answered.",
      };
    case "protocol":
      return {
        status: 502,
        error: "http_protocol_error",
        detail: "The service answered with something that is not HTTP/1.1.",
      };
    case "timeout":
      return {
        status: 504,
        error: "http_response_timeout",
        detail: "The service did not answer in time.",
      };
  }
};

/** The service's breaker is open: when to come back is known. */
export const breakerOpen = (retryAfterMs = 1_000): Problem => ({
  status: 503,
  error: "destination_unavailable",
  detail: "The service is failing and is given a rest.",
  retryAfterMs,
});

export const noInstance: Problem = {
  status: 503,
  error: "destination_unavailable",
  detail: "No instance of the service can take the request.",
  retryAfterMs: 1_000,
};

/** The client is the slow one: the service had no chance to answer. */
export const bodyTooSlow: Problem = {
  status: 408,
  error: "http_request_error",
  detail: "The request body did not arrive in time.",
};

/** The gateway or a middleware has a fault of its own. */
export const internalFault: Problem = {
  status: 500,
  error: "proxy_internal_error",
  detail: "The gateway failed to handle the request.",
};
