/** A whole number of at least 0: equal for equal text and seed, in every process. */
export type TextHash = (text: string, seed: 0 | 1) => number;

// As signed words: a constant above 2^31 would be a floating-point number at every use.
const prime1 = 0x9e3779b1 | 0;
const prime2 = 0x85ebca77 | 0;
const prime3 = 0xc2b2ae3d | 0;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

const rotateLeft = (value: number, bits: number): number =>
  (value << bits) | (value >>> (32 - bits));

/** All codes read since it was 0, or-ed: above 0x7f when one of them is no ASCII. */
let seen = 0;

const byte = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  seen |= code;
  return code;
};

const word = (text: string, at: number): number => {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  const third = text.charCodeAt(at + 2);
  const fourth = text.charCodeAt(at + 3);
  seen |= first | second | third | fourth;
  return first | (second << 8) | (third << 16) | (fourth << 24);
};

const round = (lane: number, input: number): number =>
  Math.imul(rotateLeft((lane + Math.imul(input, prime2)) | 0, 13), prime1);

/** The last step of XXH32: a bijection of 32 bits in which every bit of the input moves every bit of the output. */
export const avalanche = (value: number): number => {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** XXH32 of a text whose codes are bytes. */
const hashBytes = (text: string, seed: number): number => {
  const { length } = text;
  let at = 0;
  let hash: number;
  if (length < 16) hash = (seed + prime5) | 0;
  else {
    let lane1 = (seed + prime1 + prime2) | 0;
    let lane2 = (seed + prime2) | 0;
    let lane3 = seed | 0;
    let lane4 = (seed - prime1) | 0;
    // The lanes take turns, a word each; after every 16 bytes each is in its own place again.
    for (const end = length & ~15; at < end; at += 4) {
      const lane = round(lane1, word(text, at));
      lane1 = lane2;
      lane2 = lane3;
      lane3 = lane4;
      lane4 = lane;
    }
    hash =
      (rotateLeft(lane1, 1) +
        rotateLeft(lane2, 7) +
        rotateLeft(lane3, 12) +
        rotateLeft(lane4, 18)) |
      0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4)
    hash = Math.imul(
      rotateLeft((hash + Math.imul(word(text, at), prime3)) | 0, 17),
      prime4,
    );
  for (; at < length; at++)
    hash = Math.imul(
      rotateLeft((hash + Math.imul(byte(text, at), prime5)) | 0, 11),
      prime1,
    );
  return avalanche(hash);
};

/**
 * XXH32 of the UTF-8 bytes of `text`, 0 to 2^32 - 1; a lone surrogate counts as U+FFFD. Not for secrets: collisions are
 * easily made.
 *
 * O(length). ASCII is hashed as it stands, without allocation; other text is written out as bytes first. Source:
 * xxHash's specification, `doc/xxhash_spec.md` in Cyan4973/xxHash.
 */
export const xxhash32 = (text: string, seed: number): number => {
  seen = 0;
  const hash = hashBytes(text, seed);
  return seen <= 0x7f
    ? hash
    : hashBytes(Buffer.from(text).toString("latin1"), seed);
};
