import { seededRandom } from "@dp/core";
import {
  leastRequest,
  peakEwma,
  powerOfTwo,
  prequal,
  roundRobin,
  type Balancer,
  type BalancerOptions,
} from "@dp/discovery";
import { candidatesOf, indexOf } from "../candidates.ts";
import { exponentialTime, normal, quantileOf } from "../distributions.ts";
import { Timeline } from "../timeline.ts";

/** What is compared. */
export const balancers = {
  roundRobin,
  leastRequest,
  powerOfTwo,
  peakEwma,
  prequal,
} as const satisfies Record<string, (options: BalancerOptions) => Balancer>;

export type BalancerName = keyof typeof balancers;

export const balancerNames = Object.keys(balancers) as readonly BalancerName[];

export const instances = 11;
export const requestsPerSecond = 1_000;
export const seconds = 60;
/** How long it is looked on after that, to see the slow one come back. */
export const afterS = 30;
/** When the first instance is slow, in seconds, and how long each of its requests takes then. */
export const slowFromS = 15;
export const slowForS = 30;
const slowMs = 2_000;
/** What requests take otherwise, give or take 5. */
const usualMs = 167;
/** Requests are given up then, and reported as failed. */
const timeoutMs = 1_000;

export interface SlowInstanceFigures {
  /** The share of requests answered within the timeout. */
  readonly succeeded: number;
  /** How long 999 of 1000 requests take at most. */
  readonly p999Ms: number;
  /** The share of requests that the slow instance got while it was slow. */
  readonly slowShare: number;
  /** Requests that the slow instance got in each second. */
  readonly picks: readonly number[];
  /** Seconds from when it is well again until it has half of an equal share in a second; undefined if never. */
  readonly backAfterS: number | undefined;
}

/** A minute of steady load, in which one of eleven instances is slow for half of the time. */
export const slowInstance = (
  name: BalancerName,
  seed: number,
): SlowInstanceFigures => {
  const timeline = new Timeline();
  const arrivals = seededRandom(seed);
  const service = seededRandom(seed + 1_000);
  const balancer = balancers[name]({
    clock: timeline,
    random: seededRandom(seed + 2_000),
  });
  balancer.update(candidatesOf(instances));
  const latenciesMs: number[] = [];
  const picks = new Array<number>(seconds + afterS).fill(0);
  let failed = 0;
  let whileSlow = 0;
  let slowPicks = 0;
  const request = (): void => {
    const picked = balancer.pick();
    if (picked === undefined) throw new Error("nobody to pick");
    const second = Math.floor(timeline.now() / 1_000);
    const isSlow = second >= slowFromS && second < slowFromS + slowForS;
    const isFirst = indexOf(picked) === 0;
    if (isFirst) picks[second] = (picks[second] ?? 0) + 1;
    if (isSlow) whileSlow++;
    if (isSlow && isFirst) slowPicks++;
    const drawnMs = normal(service, usualMs, 5);
    const tookMs = isSlow && isFirst ? slowMs : drawnMs;
    const latencyMs = Math.min(tookMs, timeoutMs);
    timeline.schedule(latencyMs, () => {
      const outcome = tookMs < timeoutMs ? "success" : "failure";
      balancer.settle(picked, { outcome, latencyMs });
      if (second >= seconds) return;
      latenciesMs.push(latencyMs);
      if (outcome === "failure") failed++;
    });
  };
  const arrive = (): void => {
    request();
    timeline.schedule(
      exponentialTime(arrivals, 1_000 / requestsPerSecond),
      arrive,
    );
  };
  timeline.schedule(0, arrive);
  timeline.run((seconds + afterS) * 1_000 - 1);
  const after = picks.slice(slowFromS + slowForS);
  const back = after.findIndex(
    (count) => count >= requestsPerSecond / instances / 2,
  );
  return {
    succeeded: 1 - failed / latenciesMs.length,
    p999Ms: quantileOf(latenciesMs, 0.999),
    slowShare: slowPicks / whileSlow,
    picks,
    backAfterS: back < 0 ? undefined : back,
  };
};

/** What round robin comes to: the slow one has its turn like all others. */
export const roundRobinInTheory = 1 - slowForS / seconds / instances;

/**
 * What the least loaded comes to: all have equally many in flight, k, so that the others answer k / 167 ms and the slow
 * one gives up k / 1 s, which add up to all requests.
 */
export const leastRequestInTheory = ((): number => {
  const perMs = (instances - 1) / usualMs + 1 / timeoutMs;
  const inFlight = requestsPerSecond / 1_000 / perMs;
  const givenUp = (inFlight / timeoutMs) * slowForS * 1_000;
  return 1 - givenUp / (requestsPerSecond * seconds);
})();
