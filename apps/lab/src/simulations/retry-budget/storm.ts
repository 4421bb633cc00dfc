import {
  exponential,
  pipeline,
  retry,
  retryBudget,
  type RetryBudget,
} from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { Timeline } from "../timeline.ts";

export interface StormOptions {
  readonly seed: number;
  /** The share of attempts that fail, whatever the load. */
  readonly failureShare: number;
  /** In total, the first included. */
  readonly attempts: number;
  /** @defaultValue none */
  readonly budget?: RetryBudget | undefined;
  /** The mean pause before a repeat, in milliseconds. */
  readonly pauseMs: number;
}

export interface StormFigures {
  /** Attempts for each call. */
  readonly load: number;
  /** The share of calls that succeeded in the end. */
  readonly succeeded: number;
}

/** How long an attempt takes, failed or not. */
const attemptMs = 100;
/** About a hundred calls are under way at once. */
const betweenCallsMs = 1;
const calls = 2_000;

/** How much more a service that fails a share of attempts gets to do because its callers repeat. */
export const storm = async ({
  seed,
  failureShare,
  attempts,
  budget,
  pauseMs,
}: StormOptions): Promise<StormFigures> => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  const initial = 2 * pauseMs;
  const backoff = exponential({ initial, factor: 1, jitter: "full" });
  const guard = pipeline(
    { clock: timeline, random },
    retry({ attempts, backoff, budget: budget ?? false }),
  );
  let attempted = 0;
  let succeeded = 0;
  const call = async (): Promise<void> => {
    const result = await guard.try(async () => {
      attempted++;
      await timeline.sleep(attemptMs);
      if (random() < failureShare) throw new Error("failed");
    });
    if (result.ok) succeeded++;
  };
  let arrivesMs = 0;
  for (let made = 0; made < calls; made++) {
    arrivesMs += exponentialTime(random, betweenCallsMs);
    timeline.schedule(arrivesMs, () => void call());
  }
  await timeline.runAsync();
  return { load: attempted / calls, succeeded: succeeded / calls };
};

/** What repeats make of the load when nothing bounds them: the sum of a geometric series. */
export const unboundedLoad = (failureShare: number, repeats: number): number =>
  failureShare === 1
    ? repeats + 1
    : (1 - failureShare ** (repeats + 1)) / (1 - failureShare);

/**
 * The most that a budget lets through when everything fails. Repeats under way are `ratio` of the calls under way, which
 * last as long as their first attempt and their repeats together; a repeat counts from its pause on.
 */
export const boundedLoad = (ratio: number, pauseMs: number): number =>
  1 + ((ratio / (1 - ratio)) * attemptMs) / (attemptMs + pauseMs);

/** Up to three repeats after a mean pause of 50 ms, with a budget of `ratio` if it is given. */
export const stormOf = (
  failureShare: number,
  ratio?: number,
  pauseMs = 50,
): Promise<StormFigures> => {
  const budget = ratio === undefined ? undefined : retryBudget({ ratio });
  return storm({ seed: 1, failureShare, attempts: 4, budget, pauseMs });
};
