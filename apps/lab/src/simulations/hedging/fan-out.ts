import { hedge, pipeline, quantile, type Policy } from "@dp/breaker";
import { seededRandom, type Random } from "@dp/core";
import { exponentialTime, quantileOf } from "../distributions.ts";
import { Timeline } from "../timeline.ts";

/** Calls that each request makes at once; it is answered when all of them are. */
export const width = 100;
/** What counts as slow, in milliseconds. */
export const slowMs = 1_000;

/** What is compared. A call's time is drawn anew for each run of it. */
export const hedges = {
  "no hedge": () => [],
  "after p95": () => [hedge({ after: quantile(0.95) })],
  "after p95, no budget": () => [
    hedge({ after: quantile(0.95), budget: false }),
  ],
  "after 50 ms": () => [hedge({ after: 50 })],
} as const satisfies Record<string, () => readonly Policy[]>;

export type HedgeName = keyof typeof hedges;

export const hedgeNames = Object.keys(hedges) as readonly HedgeName[];

export interface FanOutFigures {
  /** The share of requests that take a second or more. */
  readonly slowRequests: number;
  /** How long 999 of 1000 calls take at most. */
  readonly p999Ms: number;
  /** Runs beyond one for each call, as a share of the calls. */
  readonly extraRuns: number;
  /** How long each call took, unordered. */
  readonly callsMs: readonly number[];
}

/** 10 ms for most; one in a hundred takes one to two seconds: a pause, a lost packet, a busy neighbour. */
const runMs = (random: Random): number =>
  random() < 0.01
    ? slowMs * (1 + random())
    : Math.min(slowMs / 2, 5 + exponentialTime(random, 5));

const requests = 300;
/** Requests whose calls only teach the hedge what is usual. */
const warmUp = 5;

/** Requests that wait for the slowest of a hundred calls. */
export const fanOut = async (
  name: HedgeName,
  seed: number,
): Promise<FanOutFigures> => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  const guard = pipeline({ clock: timeline, random }, ...hedges[name]());
  let runs = 0;
  const callsMs: number[] = [];
  const requestsMs: number[] = [];
  const call = async (isCounted: boolean): Promise<number> => {
    const startedMs = timeline.now();
    await guard.run(async ({ signal }) => {
      if (isCounted) runs++;
      await timeline.sleep(runMs(random), signal);
    });
    return timeline.now() - startedMs;
  };
  const request = async (isCounted: boolean): Promise<void> => {
    const tookMs = await Promise.all(
      Array.from({ length: width }, () => call(isCounted)),
    );
    if (!isCounted) return;
    callsMs.push(...tookMs);
    requestsMs.push(Math.max(...tookMs));
  };
  for (let made = 0; made < warmUp + requests; made++)
    timeline.schedule(made * 100, () => void request(made >= warmUp));
  await timeline.runAsync();
  const slow = requestsMs.filter((tookMs) => tookMs >= slowMs).length;
  return {
    slowRequests: slow / requests,
    p999Ms: quantileOf(callsMs, 0.999),
    extraRuns: runs / callsMs.length - 1,
    callsMs,
  };
};
