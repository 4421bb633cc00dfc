import type { Clock } from "@dp/core";
import { createLimiter, type MemoryStore, tokenBucket } from "@dp/ratelimit";
import { addressKey, rateLimitLines } from "@dp/ratelimit/http";
import type { ResolvedLimit, ResolvedLimitKey } from "../config/resolved.ts";
import type { Guard, GuardedRequest } from "./guard.ts";

/** One bucket for an IPv6 network of 64 bits, because a client has a whole one. */
const networkOf = addressKey();

/** Whose bucket a request takes from. */
const keyOf = (by: ResolvedLimitKey): ((request: GuardedRequest) => string) => {
  switch (by.kind) {
    case "ip":
      return (request) => networkOf(request.clientAddress, undefined);
    case "header":
      return (request) => request.header(by.header) ?? "";
    case "auth.id":
      return (request) => request.authId ?? "";
    case "route":
    case "global":
      return () => "all";
  }
};

/**
 * Lets a request pass while its key has tokens left, and tells every client where it stands. `scope` names the bucket:
 * limits of one scope and store share theirs.
 */
export const limit = (
  options: ResolvedLimit,
  scope: string,
  store: MemoryStore,
  clock: Clock,
): Guard => {
  const limiter = createLimiter({
    policies: {
      [options.by.kind]: tokenBucket({
        limit: options.limit,
        per: options.perMs,
        burst: options.burst,
      }),
    },
    prefix: scope,
    store,
    clock,
  });
  const key = keyOf(options.by);
  return (request) => {
    const decision = limiter.takeSync(key(request));
    if (decision.allowed) {
      request.announce(rateLimitLines(decision));
      return undefined;
    }
    return {
      status: 429,
      error: "http_request_denied",
      detail: "The limit is used up for now.",
      fields: rateLimitLines(decision),
    };
  };
};
