import type { Decision, Refused } from "../decision.ts";

/** A problem document (RFC 9457) for a refusal: send it as `application/problem+json` with its `status`. */
export interface RateLimitProblem {
  readonly type: string;
  readonly title: string;
  readonly status: 429 | 503;
  readonly detail: string;
  /** The limits that refused. */
  readonly "violated-policies": readonly string[];
}

const registry = "https://iana.org/assignments/http-problem-types#";

const kinds: Record<
  Refused<string>["reason"],
  Pick<RateLimitProblem, "type" | "title" | "status">
> = {
  limit: {
    type: `${registry}quota-exceeded`,
    title: "Too many requests",
    status: 429,
  },
  queue: {
    type: `${registry}quota-exceeded`,
    title: "Too many requests",
    status: 429,
  },
  blocked: {
    type: `${registry}abnormal-usage-detected`,
    title: "Blocked for abnormal usage",
    status: 429,
  },
  store: {
    type: `${registry}temporary-reduced-capacity`,
    title: "Temporarily reduced capacity",
    status: 503,
  },
};

/**
 * The refusal as the problem document that draft-ietf-httpapi-ratelimit-headers registers for it; undefined for a
 * decision that allowed. Says nothing about who was refused.
 */
export function problemDetails(decision: Refused<string>): RateLimitProblem;
export function problemDetails(
  decision: Decision<string>,
): RateLimitProblem | undefined;
export function problemDetails(
  decision: Decision<string>,
): RateLimitProblem | undefined {
  if (decision.allowed) return undefined;
  const { reason, retryAfterMs, violated } = decision;
  const limits = violated.map((name) => `'${name}'`).join(", ");
  return {
    ...kinds[reason],
    detail:
      retryAfterMs === null
        ? `The request costs more than the limit ${limits} ever allows at once.`
        : `The limit ${limits} allows this request again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    "violated-policies": violated,
  };
}
