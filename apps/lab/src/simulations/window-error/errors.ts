import {
  createLimiter,
  fixedWindow,
  slidingLog,
  slidingWindow,
  tokenBucket,
  type LimitPolicy,
} from "@dp/ratelimit";
import { Timeline } from "../timeline.ts";
import { arrivals, type PatternName } from "./arrivals.ts";

export const limit = 100;
const periodMs = 60_000;
/** How many calls come, as multiples of the limit. */
export const loads = [0.5, 0.8, 1, 1.5, 3] as const;
/** How far off a count has to be to make a decision clearly wrong, as a share of the limit. */
export const margin = 0.15;

const hours = 4;

/** What is compared, each with its defaults except that all windows begin with the minute. */
export const algorithms = {
  "sliding window": () => slidingWindow({ limit, per: periodMs }),
  "fixed window": () => fixedWindow({ limit, per: periodMs, align: "utc" }),
  "token bucket": () => tokenBucket({ limit, per: periodMs }),
  "sliding log": () => slidingLog({ limit, per: periodMs }),
} as const satisfies Record<string, () => LimitPolicy>;

export type AlgorithmName = keyof typeof algorithms;

export const algorithmNames = Object.keys(
  algorithms,
) as readonly AlgorithmName[];

export interface WindowErrors {
  readonly calls: number;
  /** Calls allowed, as a share of all calls. */
  readonly allowed: number;
  /** Calls allowed although the last period already had `limit` allowed ones, as a share of all calls. */
  readonly wronglyAllowed: number;
  /** Calls refused although the last period had fewer allowed ones, as a share of all calls. */
  readonly wronglyRefused: number;
  /** Calls refused although the last period had exactly one place left: part of `wronglyRefused`. */
  readonly refusedForOne: number;
  /** Calls so decided while the last period had `margin` more, or `margin` less, than the limit: part of both. */
  readonly clearlyWrong: number;
  /** The mean distance of what the decision says is taken from the exact count, as a share of the limit. */
  readonly countError: number;
  /** The largest number allowed in any one period, as a multiple of the limit. */
  readonly most: number;
}

/** The exact number of calls allowed in the period that ends now: after `now - periodMs`, up to and including `now`. */
class TrailingCount {
  readonly #times: number[] = [];
  #oldest = 0;

  at(nowMs: number): number {
    while ((this.#times[this.#oldest] ?? Infinity) + periodMs <= nowMs)
      this.#oldest++;
    return this.#times.length - this.#oldest;
  }

  add(nowMs: number): void {
    this.#times.push(nowMs);
  }
}

/**
 * Asks the real limiter for every call, and holds each decision against the exact count of what this same limiter has
 * allowed before: one error is counted once, and not again in all that differs because of it.
 */
export const windowErrors = (
  algorithm: AlgorithmName,
  pattern: PatternName,
  load: number,
  seed: number,
): WindowErrors => {
  const clock = new Timeline();
  const limiter = createLimiter({
    policies: { calls: algorithms[algorithm]() },
    clock,
  });
  const gapMs = periodMs / (limit * load);
  const times = arrivals(pattern, gapMs, hours * 3_600_000, seed);
  const count = new TrailingCount();
  let allowed = 0;
  let wronglyAllowed = 0;
  let wronglyRefused = 0;
  let refusedForOne = 0;
  let clearlyWrong = 0;
  let countErrors = 0;
  let most = 0;
  for (const atMs of times) {
    clock.run(atMs);
    const counted = count.at(atMs);
    const decision = limiter.takeSync("subject");
    if (decision.allowed) {
      allowed++;
      if (counted >= limit) wronglyAllowed++;
      if (counted >= limit * (1 + margin)) clearlyWrong++;
      count.add(atMs);
    } else {
      if (counted < limit) wronglyRefused++;
      if (counted === limit - 1) refusedForOne++;
      if (counted < limit * (1 - margin)) clearlyWrong++;
    }
    const exact = count.at(atMs);
    countErrors += Math.abs(limit - decision.remaining - exact) / limit;
    most = Math.max(most, exact);
  }
  return {
    calls: times.length,
    allowed: allowed / times.length,
    wronglyAllowed: wronglyAllowed / times.length,
    wronglyRefused: wronglyRefused / times.length,
    refusedForOne: refusedForOne / times.length,
    clearlyWrong: clearlyWrong / times.length,
    countError: countErrors / times.length,
    most: most / limit,
  };
};
