import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  randomName,
  seededRandom,
  systemRandom,
  type Random,
} from "./random.ts";

const take = (random: Random, count: number): number[] =>
  Array.from({ length: count }, random);

/** sfc32 again, written from its definition in unbounded integers. */
const sfc32 = (seed: number, count: number): number[] => {
  const word = 0xffff_ffffn;
  const state = {
    a: 0x9e37_79b9n,
    b: 0x243f_6a88n,
    c: BigInt.asUintN(32, BigInt(seed)),
    counter: 1n,
  };
  const step = (): number => {
    const { a, b, c, counter } = state;
    const sum = (a + b + counter) & word;
    state.counter = (counter + 1n) & word;
    state.a = b ^ (b >> 9n);
    state.b = (c + (c << 3n)) & word;
    state.c = ((((c << 21n) & word) | (c >> 11n)) + sum) & word;
    return Number(sum) / 2 ** 32;
  };
  for (let round = 0; round < 12; round++) step();
  return Array.from({ length: count }, step);
};

describe("seededRandom", () => {
  it.each([
    [0, [2_266_749_544, 3_859_721_991, 3_128_767_472, 1_553_841_669]],
    [1, [3_359_835_970, 1_182_520_828, 4_267_878_529, 3_063_500_945]],
    [-1, [3_808_816_175, 4_158_527_780, 3_722_100_240, 3_084_069_354]],
  ])("gives the same numbers for seed %d on every machine", (seed, words) => {
    expect(take(seededRandom(seed), 4).map((each) => each * 2 ** 32)).toEqual(
      words,
    );
  });

  it("agrees with a second writing of the algorithm", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(take(seededRandom(seed), 20)).toEqual(sfc32(seed, 20));
      }),
    );
  });

  it("takes the low 32 bits of the seed", () => {
    expect(take(seededRandom(2 ** 32 + 7), 5)).toEqual(
      take(seededRandom(7), 5),
    );
  });

  it("keeps the streams of two generators apart", () => {
    const first = seededRandom(7);
    const second = seededRandom(7);
    const mixed = Array.from({ length: 10 }, () => [first(), second()]);
    for (const [a, b] of mixed) expect(a).toBe(b);
  });

  it("spreads evenly: chi-square of 100 cells over 100,000 numbers stays in its 99.99 % range", () => {
    for (const seed of [0, 1, 2, 3, 12_345]) {
      const cells = new Array<number>(100).fill(0);
      for (const value of take(seededRandom(seed), 100_000))
        cells[Math.floor(value * 100)]!++;
      const chiSquare = cells.reduce(
        (sum, count) => sum + (count - 1_000) ** 2 / 1_000,
        0,
      );
      // 99 degrees of freedom: below 50.4 and above 165 happen once in 10,000 each.
      expect(chiSquare).toBeGreaterThan(50);
      expect(chiSquare).toBeLessThan(165);
    }
  });

  it("starts neighbouring seeds at unrelated places", () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) =>
      seededRandom(seed)(),
    );
    expect(new Set(firsts).size).toBeGreaterThan(9_990);
    const mean = firsts.reduce((sum, value) => sum + value) / firsts.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
    const lag =
      firsts
        .slice(1)
        .reduce(
          (sum, value, index) => sum + (value - 0.5) * (firsts[index]! - 0.5),
          0,
        ) /
      (firsts.length / 12);
    expect(Math.abs(lag)).toBeLessThan(0.05);
  });
});

describe("every generator", () => {
  it.each([
    ["systemRandom", systemRandom],
    ["seededRandom", seededRandom(42)],
  ])("%s stays in [0, 1)", (_, random) => {
    for (const value of take(random, 10_000)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
    }
  });

  it("systemRandom does not repeat itself", () => {
    expect(new Set(take(systemRandom, 1_000)).size).toBe(1_000);
  });
});

describe("a random name", () => {
  it("has sixteen hexadecimal digits, also where chance gives small numbers", () => {
    expect(randomName(() => 0)).toBe("0000000000000000");
    expect(randomName(() => 1 - 2 ** -33)).toBe("ffffffffffffffff");
    const words = [0x12, 0xabcdef01].map((word) => word / 2 ** 32);
    expect(randomName(() => words.shift() ?? 0)).toBe("00000012abcdef01");
  });

  it("is another one each time", () => {
    const random = seededRandom(4);
    const names = Array.from({ length: 10_000 }, () => randomName(random));
    expect(new Set(names).size).toBe(10_000);
  });
});
