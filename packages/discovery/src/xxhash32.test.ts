import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { xxhash32 } from "./xxhash32.ts";

/** Text, then its hash with seed 0, 1 and 2654435761 as the `xxhash` package of Python (xxHash 0.8) gives them. */
const vectors: readonly [string, number, number, number][] = [
  ["", 0x02cc5d05, 0x0b2cb792, 0x36b78ae7],
  ["a", 0x550d7456, 0xf514706f, 0x9e1633e4],
  ["as", 0x9d5a0464, 0xe21b71c6, 0x155e7b07],
  ["asd", 0x3d83552b, 0xc642ce63, 0xb890a5d6],
  ["asdf", 0x5e702c32, 0x628822db, 0x6591f06b],
  ["abc", 0x32d153ff, 0xaa3da8ff, 0xa1ae7709],
  ["0123456789abcdef", 0xc2c45b69, 0xf31fe1cf, 0x72e8faf9],
  ["0123456789abcdefg", 0xcc79b217, 0x0ffc40b6, 0x498c0efa],
  [
    "Nobody inspects the spammish repetition",
    0xe2293b2f,
    0x534469ea,
    0xc9e89e68,
  ],
  [
    "Call me Ishmael. Some years ago--never mind how long precisely-",
    0x6f320359,
    0xac565e0f,
    0xfd445e1f,
  ],
  ["10.0.0.1:8080", 0xc58937ba, 0xc707185f, 0x7c8411a3],
  ["ü", 0x5117339c, 0x0420a049, 0xd2a6342e],
  ["日本語", 0xc8ae20bd, 0x975735cd, 0x51984517],
  ["😀 smile", 0x2411b30d, 0x6e887e9d, 0x027655cf],
  ["aé日😀".repeat(9), 0x54149909, 0x7560032e, 0x6ba8ff60],
  ["x".repeat(1000), 0x73bcd817, 0xe5a2afc8, 0x9e644e96],
];

const primes = [
  2654435761n,
  2246822519n,
  3266489917n,
  668265263n,
  374761393n,
] as const;
const wrap = (value: bigint): bigint => value & 0xffffffffn;
const rotate = (value: bigint, bits: bigint): bigint =>
  wrap(wrap(value) << bits) | (wrap(value) >> (32n - bits));

/** The specification word by word, in whole numbers without bound. */
const naive = (text: string, seed: bigint): number => {
  const [p1, p2, p3, p4, p5] = primes;
  const bytes = [...new TextEncoder().encode(text)].map(BigInt);
  const read = (at: number): bigint =>
    [3, 2, 1, 0].reduce((sum, offset) => sum * 256n + bytes[at + offset]!, 0n);
  let at = 0;
  let hash = wrap(seed + p5);
  if (bytes.length >= 16) {
    let lanes = [seed + p1 + p2, seed + p2, seed, seed - p1];
    for (; at + 16 <= bytes.length; at += 16)
      lanes = lanes.map((lane, index) =>
        wrap(rotate(lane + read(at + 4 * index) * p2, 13n) * p1),
      );
    hash = [1n, 7n, 12n, 18n].reduce(
      (sum, bits, index) => wrap(sum + rotate(lanes[index]!, bits)),
      0n,
    );
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; at + 4 <= bytes.length; at += 4)
    hash = wrap(rotate(hash + read(at) * p3, 17n) * p4);
  for (; at < bytes.length; at++)
    hash = wrap(rotate(hash + bytes[at]! * p5, 11n) * p1);
  hash = wrap((hash ^ (hash >> 15n)) * p2);
  hash = wrap((hash ^ (hash >> 13n)) * p3);
  return Number(hash ^ (hash >> 16n));
};

describe("xxhash32", () => {
  it.each(vectors)("gives the published values of %j", (text, ...hashes) => {
    expect([0, 1, 2654435761].map((seed) => xxhash32(text, seed))).toEqual(
      hashes,
    );
  });

  it("counts a lone surrogate as U+FFFD, as every encoder does", () => {
    expect(xxhash32("\ud800x\udc00", 0)).toBe(0xf74b84c5);
    expect(xxhash32("\udc00\ud800", 1)).toBe(xxhash32("\ufffd\ufffd", 1));
  });

  it("agrees with the specification for any text of any length", () => {
    const unit = fc.oneof(
      fc.constant("a".repeat(7)),
      fc.string({ unit: "binary" }),
      fc.string(),
    );
    const text = fc.array(unit, { maxLength: 8 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, fc.constantFrom(0, 1), (value, seed) => {
        expect(xxhash32(value, seed)).toBe(naive(value, BigInt(seed)));
      }),
      { seed: 1, numRuns: 500 },
    );
    for (const length of [1365, 1366, 5000])
      for (const letter of ["k", "é", "日"]) {
        const long = letter.repeat(length);
        expect(xxhash32(long, 1)).toBe(naive(long, 1n));
      }
  });
});
