import { DpError } from "@dp/core";

/** More is no answer to a question of ours. */
const mostBytes = 64 * 1024 * 1024;

/** A body as text. Rejects with `DP_TOO_LONG` above 64 MiB, so that no peer decides how much memory is taken. */
export const boundedText = async (
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  who: string,
): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new DpError(
        "DP_TOO_LONG",
        `${who} answers more than ${mostBytes} bytes`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};
