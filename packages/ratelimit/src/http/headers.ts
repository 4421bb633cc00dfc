import { requireOneOf } from "@dp/core";
import type { Decision, LimitState } from "../decision.ts";

type RateLimitDraft = 10 | 11;

/** A field of the response head. */
export type RateLimitField = "RateLimit-Policy" | "RateLimit" | "Retry-After";

/** Which text of the RateLimit fields to speak. */
export interface RateLimitHeaderOptions {
  /**
   * The revision of draft-ietf-httpapi-ratelimit-headers. They differ in `t`: since 11 it is the time in which the
   * client can use no more than `r`; in 10 it is the time until it gets more.
   * @defaultValue 11
   */
  readonly draft?: RateLimitDraft | undefined;
}

/** How one revision writes what a decision says: a name that a later one changes is one entry here. */
interface Wire {
  readonly policyField: RateLimitField;
  readonly quota: string;
  readonly period: string;
  readonly stateField: RateLimitField;
  readonly remaining: string;
  readonly seconds: string;
  /** What stands in `seconds`. */
  readonly secondsOf: (state: LimitState) => number;
}

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

/**
 * Until the next token, from the time until all are back: they come one every `tokenMs`, the last at the end. Windows do
 * not refill so; with none left, the time until the same cost is let through is never too early for any limit.
 */
const untilNextMs = (state: LimitState, tokenMs: number): number => {
  const evenMs =
    state.resetAfterMs === 0 ? 0 : state.resetAfterMs % tokenMs || tokenMs;
  return state.remaining > 0
    ? evenMs
    : Math.max(evenMs, state.retryAfterMs ?? 0);
};

const nextSeconds = (state: LimitState): number =>
  Math.ceil(untilNextMs(state, state.periodMs / state.limit) / 1000);

const since8 = {
  policyField: "RateLimit-Policy",
  quota: "q",
  period: "w",
  stateField: "RateLimit",
  remaining: "r",
  seconds: "t",
} as const;

const wires: Readonly<Record<RateLimitDraft, Wire>> = {
  10: { ...since8, secondsOf: nextSeconds },
  11: { ...since8, secondsOf: windowSeconds },
};

const draftNames = Object.keys(wires);

/** A String of RFC 9651. Names of policies are printable ASCII. */
const quoted = (name: string): string =>
  name.includes('"') || name.includes("\\")
    ? `"${name.replace(/["\\]/g, "\\$&")}"`
    : `"${name}"`;

/** The largest Integer of RFC 9651. */
const largest = 999_999_999_999_999;

const integer = (value: number): number => Math.min(value, largest);

const policyItem = (name: string, state: LimitState, wire: Wire): string => {
  const item = `${quoted(name)};${wire.quota}=${integer(state.limit)}`;
  // The window is a whole number of seconds, and optional: a period that is none is left out.
  return state.periodMs % 1000 === 0
    ? `${item};${wire.period}=${state.periodMs / 1000}`
    : item;
};

const stateItem = (name: string, state: LimitState, wire: Wire): string =>
  `${quoted(name)};${wire.remaining}=${integer(state.remaining)};${wire.seconds}=${integer(wire.secondsOf(state))}`;

const each = (
  decision: Decision<string>,
  draft: RateLimitDraft,
  emit: (name: RateLimitField, value: string) => void,
): void => {
  const wire = wires[draft];
  let policies = "";
  let states = "";
  for (const name in decision.limits) {
    const state = decision.limits[name] as LimitState;
    if (state.shadow === true) continue;
    policies += `${policies && ", "}${policyItem(name, state, wire)}`;
    states += `${states && ", "}${stateItem(name, state, wire)}`;
  }
  if (policies !== "") {
    emit(wire.policyField, policies);
    emit(wire.stateField, states);
  }
  if (!decision.allowed && decision.retryAfterMs !== null)
    emit("Retry-After", String(Math.ceil(decision.retryAfterMs / 1000)));
};

/** The draft asked for, or the newest. Throws `InvalidOptionError` for one that is not spoken. */
export const requireDraft = (
  draft: RateLimitDraft | undefined,
): RateLimitDraft =>
  draft === undefined
    ? 11
    : (Number(
        requireOneOf("draft", String(draft), draftNames),
      ) as RateLimitDraft);

/**
 * The fields that tell a client its limits: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers), and for a refusal `Retry-After` in whole seconds (RFC 9110, 10.2.3), which is
 * missing if the call can never be allowed. Limits in shadow are not told.
 */
export const rateLimitHeaders = (
  decision: Decision<string>,
  options: RateLimitHeaderOptions = {},
): Partial<Record<RateLimitField, string>> => {
  const headers: Partial<Record<RateLimitField, string>> = {};
  each(decision, requireDraft(options.draft), (name, value) => {
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
  each(decision, requireDraft(options.draft), (name, value) => {
    lines += `${name}: ${value}\r\n`;
  });
  return lines;
};
