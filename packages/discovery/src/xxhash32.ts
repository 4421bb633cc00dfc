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

/** The last step of XXH32: a bijection of 32 bits in which every bit of the input moves every bit of the output. */
export const avalanche = (value: number): number => {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/**
 * XXH32 as a signed word, of the codes of a text as they are if none is above `most`, else of its UTF-8 bytes.
 *
 * Written out in one piece. In pieces small enough to be inlined it would itself be inlined into whoever hashes, and
 * leave no room there for the pieces: a call for each word takes as long as all the rest.
 */
const hashCodes = (text: string, seed: number, most: number): number => {
  const { length } = text;
  let seen = 0;
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
      const first = text.charCodeAt(at);
      const second = text.charCodeAt(at + 1);
      const third = text.charCodeAt(at + 2);
      const fourth = text.charCodeAt(at + 3);
      seen |= first | second | third | fourth;
      const word = first | (second << 8) | (third << 16) | (fourth << 24);
      const sum = (lane1 + Math.imul(word, prime2)) | 0;
      lane1 = lane2;
      lane2 = lane3;
      lane3 = lane4;
      lane4 = Math.imul((sum << 13) | (sum >>> 19), prime1);
    }
    hash =
      (rotateLeft(lane1, 1) +
        rotateLeft(lane2, 7) +
        rotateLeft(lane3, 12) +
        rotateLeft(lane4, 18)) |
      0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) {
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    const third = text.charCodeAt(at + 2);
    const fourth = text.charCodeAt(at + 3);
    seen |= first | second | third | fourth;
    const word = first | (second << 8) | (third << 16) | (fourth << 24);
    const sum = (hash + Math.imul(word, prime3)) | 0;
    hash = Math.imul((sum << 17) | (sum >>> 15), prime4);
  }
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    seen |= code;
    const sum = (hash + Math.imul(code, prime5)) | 0;
    hash = Math.imul((sum << 11) | (sum >>> 21), prime1);
  }
  if (seen > most)
    return hashCodes(Buffer.from(text).toString("latin1"), seed, 0xff);
  return avalanche(hash) | 0;
};

/**
 * XXH32 of the UTF-8 bytes of `text`, 0 to 2^32 - 1; a lone surrogate counts as U+FFFD. Not for secrets: collisions are
 * easily made.
 *
 * O(length). ASCII is hashed as it stands, without allocation; other text is written out as bytes first. Source:
 * xxHash's specification, `doc/xxhash_spec.md` in Cyan4973/xxHash.
 */
export const xxhash32 = (text: string, seed: number): number =>
  // Above 2^31 a number that a call gives back takes an object of its own, so the sign is taken off where it is inlined.
  hashCodes(text, seed, 0x7f) >>> 0;
