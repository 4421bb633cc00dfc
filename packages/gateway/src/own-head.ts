import type { ResponseHead } from "./message.ts";

/** The head of an answer that no upstream made. `length` is that of a body which may not be sent (HEAD); -1 for none. */
export const ownHead = (
  statusText: string,
  fields: string,
  framing: "none" | "length",
  length: number,
): ResponseHead => ({
  status: Number(statusText.slice(0, 3)),
  statusText,
  fields,
  framing,
  length,
  keepAlive: true,
  keepAliveMs: Infinity,
  retryAfter: "",
  eventStream: false,
  hasDate: false,
});
