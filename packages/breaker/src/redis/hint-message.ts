import type { Hint } from "../hints/hint-channel.ts";

/** Bytes of a whole message. */
const longestMessage = 1_024;
/** Characters. */
const longestName = 200;
/** Characters. */
export const longestSource = 64;
const longestMs = 86_400_000;

/** The message that tells others of a hint. Whether they would take it is for {@link readMessage} to say. */
export const writeMessage = ({ source, breaker, state, forMs }: Hint): string =>
  JSON.stringify({ v: 1, source, breaker, state, forMs });

/**
 * The hint in a message, for a day at most; undefined if it is no hint of this version. Takes what anybody may have
 * sent: never throws, and what it gives back is bounded.
 */
export const readMessage = (message: unknown): Hint | undefined => {
  if (typeof message !== "string") return undefined;
  if (Buffer.byteLength(message) > longestMessage) return undefined;
  const { v, source, breaker, state, forMs } = fieldsOf(message);
  if (v !== 1) return undefined;
  if (!isText(source, longestSource)) return undefined;
  if (!isText(breaker, longestName)) return undefined;
  if (state !== "open" && state !== "closed") return undefined;
  // JSON has neither NaN nor Infinity, but 1e999.
  if (typeof forMs !== "number" || forMs < 0) return undefined;
  return { source, breaker, state, forMs: Math.min(forMs, longestMs) };
};

const fieldsOf = (message: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
};

const isText = (value: unknown, longest: number): value is string =>
  typeof value === "string" && value !== "" && value.length <= longest;
