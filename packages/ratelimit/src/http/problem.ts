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

const inSeconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;

/** When to come back, for refusals that do not hang on the numbers of a limit. */
const comeBack = ({ retryAfterMs }: Refused<string>): string =>
  retryAfterMs === null || retryAfterMs <= 0
    ? "Try again later."
    : `Try again in ${inSeconds(retryAfterMs)}.`;

/** Subject and verb: `limit 'api' allows`, `limits 'api', 'burst' allow`. */
const limitsThat = (names: readonly string[], verb: string): string => {
  const list = names.map((name) => `'${name}'`).join(", ");
  return names.length === 1
    ? `limit ${list} ${verb}s`
    : `limits ${list} ${verb}`;
};

const exhausted = (refused: Refused<string>): string => {
  const { limits, retryAfterMs, violated } = refused;
  if (retryAfterMs !== null)
    return `The ${limitsThat(violated, "allow")} this request again in ${inSeconds(retryAfterMs)}.`;
  const small = violated.filter((name) => limits[name]?.retryAfterMs === null);
  return `The request costs more than the ${limitsThat(small, "ever allow")} at once.`;
};

const details: Record<
  Refused<string>["reason"],
  (refused: Refused<string>) => string
> = {
  limit: exhausted,
  blocked: ({ retryAfterMs }) =>
    retryAfterMs === null
      ? "Requests are blocked until further notice."
      : `Requests are blocked for another ${inSeconds(retryAfterMs)}.`,
  queue: (refused) =>
    refused.retryAfterMs === null && refused.violated.length > 0
      ? exhausted(refused)
      : `The request's turn would not have come in the time it could wait. ${comeBack(refused)}`,
  store: (refused) =>
    `The requests of this client cannot be counted at present. ${comeBack(refused)}`,
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
  return {
    ...kinds[decision.reason],
    detail: details[decision.reason](decision),
    "violated-policies": decision.violated,
  };
}
