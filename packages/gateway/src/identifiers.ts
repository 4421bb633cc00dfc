import type { Random } from "@dp/core";

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

const hex32 = (word: number): string =>
  (hexPairs[word >>> 24] as string) +
  (hexPairs[(word >>> 16) & 255] as string) +
  (hexPairs[(word >>> 8) & 255] as string) +
  (hexPairs[word & 255] as string);

const word = (random: Random): number => Math.floor(random() * 2 ** 32);

/** Makes ids for requests and traces. They are unique, not secret. */
export interface Identifiers {
  /** 16 hex digits: a request's id, and its span id in a trace. */
  next(): string;
  /** 16 hex digits, the same for the life of the gateway: the first half of the ids of traces begun here. */
  readonly origin: string;
}

/**
 * Identifiers that cannot repeat within 2^32 requests: a counter run through a permutation of the 32-bit numbers,
 * behind 32 random bits that are drawn anew each time the counter has gone round.
 */
export const createIdentifiers = (random: Random): Identifiers => {
  let prefix = hex32(word(random) | 1);
  let counter = word(random);
  const start = counter;
  return {
    origin: hex32(word(random) | 1) + hex32(word(random)),
    next() {
      counter = (counter + 1) >>> 0;
      if (counter === start) prefix = hex32(word(random) | 1);
      // Multiplying by an odd number permutes the 32-bit numbers; 0x9e3779b1 spreads neighbours.
      return prefix + hex32(Math.imul(counter, 0x9e3779b1));
    },
  };
};
