/** Uniform numbers in [0, 1): where the @dp packages get chance from. */
export type Random = () => number;

/** The machine's generator, differently seeded in every process. Not for secrets. */
export const systemRandom: Random = () => Math.random();

/**
 * A generator that gives the same numbers for the same seed, on every machine. Takes the low 32 bits of `seed`.
 *
 * It is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, period at least 2^32, 32 random bits a number.
 */
export const seededRandom = (seed: number): Random => {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first outputs still show the seed; twelve rounds mix it through all four words.
  for (let round = 0; round < 12; round++) next();
  return next;
};

/** 16 hexadecimal digits: a name that no two of even a million share. Unique, not secret. */
export const randomName = (random: Random): string =>
  word(random) + word(random);

/** Thirty-two bits in hexadecimal. */
const word = (random: Random): string =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
