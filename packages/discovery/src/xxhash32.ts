const prime1 = 0x9e3779b1 | 0;
const prime2 = 0x85ebca77 | 0;
const prime3 = 0xc2b2ae3d | 0;
const prime4 = 0x27d4eb2f | 0;
const prime5 = 0x165667b1 | 0;

const encoder = new TextEncoder();
let bytes = new Uint8Array(256);

const rotate = (word: number, by: number): number =>
  (word << by) | (word >>> (32 - by));

const wordAt = (at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

const round = (lane: number, at: number): number =>
  Math.imul(rotate((lane + Math.imul(wordAt(at), prime2)) | 0, 13), prime1);

/**
 * XXH32 of the text's UTF-8 bytes: 0 to 2^32 - 1, the same on every machine and in every version. Not for secrets. O(length).
 *
 * Source: the xxHash specification (Yann Collet), XXH32.
 */
export const xxh32 = (text: string, seed: number): number => {
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  if (bytes.length < text.length * 3) bytes = new Uint8Array(text.length * 3);
  const length = encoder.encodeInto(text, bytes).written;
  let at = 0;
  let hash = (seed + prime5) | 0;
  if (length >= 16) {
    let lane1 = (seed + prime1 + prime2) | 0;
    let lane2 = (seed + prime2) | 0;
    let lane3 = seed | 0;
    let lane4 = (seed - prime1) | 0;
    for (; at + 16 <= length; at += 16) {
      lane1 = round(lane1, at);
      lane2 = round(lane2, at + 4);
      lane3 = round(lane3, at + 8);
      lane4 = round(lane4, at + 12);
    }
    hash =
      (rotate(lane1, 1) +
        rotate(lane2, 7) +
        rotate(lane3, 12) +
        rotate(lane4, 18)) |
      0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4)
    hash = Math.imul(
      rotate((hash + Math.imul(wordAt(at), prime3)) | 0, 17),
      prime4,
    );
  for (; at < length; at++)
    hash = Math.imul(
      rotate((hash + Math.imul(bytes[at] as number, prime5)) | 0, 11),
      prime1,
    );
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
};
