import { seededRandom, type Random } from "@dp/core";
import { exponentialTime } from "../distributions.ts";

/** When the next call comes after one at `afterMs`. */
type NextArrival = (afterMs: number) => number;

const burstMs = 10_000;
/** How many times the usual rate a burst has, and how many times its length bursts are apart. */
const burstFactor = 6;

/** The day is an hour long here; at noon the rate is nine times that of midnight. */
const dayMs = 3_600_000;
const swing = 0.8;

/** What calls of one subject come by, all with the same number of calls over time: one each `gapMs` on average. */
const patterns = {
  Poisson: (random, gapMs) => (afterMs) =>
    afterMs + exponentialTime(random, gapMs),
  bursty: (random, gapMs) => {
    const pauseMs = burstMs * (burstFactor - 1);
    let endMs = 0;
    return (afterMs) => {
      let atMs = afterMs + exponentialTime(random, gapMs / burstFactor);
      while (atMs >= endMs) {
        const startMs = endMs + exponentialTime(random, pauseMs);
        endMs = startMs + burstMs;
        atMs = startMs + exponentialTime(random, gapMs / burstFactor);
      }
      return atMs;
    };
  },
  diurnal: (random, gapMs) => (afterMs) => {
    const most = 1 + swing;
    let atMs = afterMs;
    let rate: number;
    do {
      atMs += exponentialTime(random, gapMs / most);
      rate = 1 - swing * Math.cos((2 * Math.PI * atMs) / dayMs);
    } while (random() * most >= rate);
    return atMs;
  },
} as const satisfies Record<
  string,
  (random: Random, gapMs: number) => NextArrival
>;

export type PatternName = keyof typeof patterns;

export const patternNames = Object.keys(patterns) as readonly PatternName[];

/** The times of all calls up to `endMs`, in order and in whole milliseconds. */
export const arrivals = (
  pattern: PatternName,
  gapMs: number,
  endMs: number,
  seed: number,
): readonly number[] => {
  const next = patterns[pattern](seededRandom(seed), gapMs);
  const times: number[] = [];
  for (let atMs = next(0); atMs < endMs; atMs = next(atMs))
    times.push(Math.floor(atMs));
  return times;
};
