import { requireOneOf } from "@dp/core";
import type { Decision, LimitState } from "../decision.ts";

/** Which text of the RateLimit fields to speak. */
export interface RateLimitHeaderOptions {
  /**
   * The revision of draft-ietf-httpapi-ratelimit-headers. They differ in `t`: since 11 it is the time in which the
   * client can use no more than `r`; in 10 it is the time until it gets more.
   * @defaultValue 11
   */
  readonly draft?: 10 | 11 | undefined;
}

/** A field of the response head. */
type HeaderName = "RateLimit-Policy" | "RateLimit" | "Retry-After";

/** A String of RFC 9651. Names of policies are printable ASCII. */
const quoted = (name: string): string =>
  name.includes('"') || name.includes("\\")
    ? `"${name.replace(/["\\]/g, "\\$&")}"`
    : `"${name}"`;

const policyItem = (name: string, state: LimitState): string =>
  // The window is a whole number of seconds, and optional: a period that is none is left out.
  state.periodMs % 1000 === 0
    ? `${quoted(name)};q=${state.limit};w=${state.periodMs / 1000}`
    : `${quoted(name)};q=${state.limit}`;

/**
 * Seconds in which the client can use no more than `r`, rounded up: the time in which r tokens are refilled, so that
 * r / t is not above q / w; with none left, the time until there is one.
 */
const windowSeconds = (state: LimitState): number => {
  const tokenMs = state.periodMs / state.limit;
  return Math.ceil(
    (state.remaining > 0
      ? state.remaining * tokenMs
      : untilNextMs(state, tokenMs)) / 1000,
  );
};

/** Until the next token, from the time until all are back: they come one every `tokenMs`, the last at the end. */
const untilNextMs = (state: LimitState, tokenMs: number): number =>
  state.resetAfterMs === 0 ? 0 : state.resetAfterMs % tokenMs || tokenMs;

const nextSeconds = (state: LimitState): number =>
  Math.ceil(untilNextMs(state, state.periodMs / state.limit) / 1000);

const stateItem = (name: string, state: LimitState, draft: 10 | 11): string =>
  `${quoted(name)};r=${state.remaining};t=${draft === 11 ? windowSeconds(state) : nextSeconds(state)}`;

const each = (
  decision: Decision<string>,
  draft: 10 | 11,
  emit: (name: HeaderName, value: string) => void,
): void => {
  let policies = "";
  let states = "";
  for (const name in decision.limits) {
    const state = decision.limits[name] as LimitState;
    if (state.shadow === true) continue;
    policies += `${policies && ", "}${policyItem(name, state)}`;
    states += `${states && ", "}${stateItem(name, state, draft)}`;
  }
  if (policies !== "") {
    emit("RateLimit-Policy", policies);
    emit("RateLimit", states);
  }
  if (!decision.allowed && decision.retryAfterMs !== null)
    emit("Retry-After", String(Math.ceil(decision.retryAfterMs / 1000)));
};

const draftOf = (options: RateLimitHeaderOptions): 10 | 11 =>
  options.draft === undefined
    ? 11
    : (Number(requireOneOf("draft", String(options.draft), ["10", "11"])) as
        10 | 11);

/**
 * The fields that tell a client its limits: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers), and for a refusal `Retry-After` in whole seconds (RFC 9110, 10.2.3), which is
 * missing if the call can never be allowed. Limits in shadow are not told.
 */
export const rateLimitHeaders = (
  decision: Decision<string>,
  options: RateLimitHeaderOptions = {},
): Partial<Record<HeaderName, string>> => {
  const headers: Partial<Record<HeaderName, string>> = {};
  each(decision, draftOf(options), (name, value) => {
    headers[name] = value;
  });
  return headers;
};

/**
 * The same fields as lines of an HTTP/1.1 head, each ended by CRLF: for servers that write heads as text. All ASCII.
 */
export const rateLimitLines = (
  decision: Decision<string>,
  options: RateLimitHeaderOptions = {},
): string => {
  let lines = "";
  each(decision, draftOf(options), (name, value) => {
    lines += `${name}: ${value}\r\n`;
  });
  return lines;
};
