/** How a body's end is told to its receiver; `close` is for HTTP/1.0 clients, which know no chunks. */
export type OutgoingFraming = "none" | "length" | "chunked" | "close";

const lastChunk = "0\r\n\r\n";

/** `pieces` (of `size` bytes in all) as one new buffer, in a chunk if the framing has chunks. Undefined if there is nothing to send. */
export const frameBytes = (
  pieces: readonly Buffer[],
  size: number,
  framing: OutgoingFraming,
  last: boolean,
): Buffer | undefined => {
  const chunked = framing === "chunked";
  const head = chunked && size > 0 ? `${size.toString(16)}\r\n` : "";
  const tail = chunked
    ? `${size > 0 ? "\r\n" : ""}${last ? lastChunk : ""}`
    : "";
  const total = head.length + size + tail.length;
  if (total === 0) return undefined;
  const frame = Buffer.allocUnsafe(total);
  let at = frame.write(head, 0, "latin1");
  for (const piece of pieces) at += piece.copy(frame, at);
  frame.write(tail, at, "latin1");
  return frame;
};

/** The same for text that is latin1 bytes, so that it can go out in one write with a head. */
export const frameText = (
  text: string,
  framing: OutgoingFraming,
  last: boolean,
): string => {
  if (framing !== "chunked") return text;
  const chunk = text === "" ? "" : `${text.length.toString(16)}\r\n${text}\r\n`;
  return last ? chunk + lastChunk : chunk;
};
