import { beforeAll, describe, expect, it } from "vitest";
import { meanOf } from "../distributions.ts";
import { coldSpeed } from "./cold-server.ts";
import {
  balancerNames,
  endS,
  instances,
  joining,
  joinsAtS,
  requestsPerSecond,
  serviceMs,
  windowMs,
  workers,
  type BalancerName,
  type JoiningFigures,
} from "./joining.ts";

const figures = new Map<string, JoiningFigures>();
beforeAll(async () => {
  for (const name of balancerNames)
    for (const isSlow of [false, true])
      figures.set(`${name} ${isSlow}`, await joining(name, isSlow));
});

const of = (name: BalancerName, isSlow: boolean): JoiningFigures =>
  figures.get(`${name} ${isSlow}`)!;

/** The newcomer's share between two times since it joined, in seconds. */
const share = (
  { shares }: JoiningFigures,
  fromS: number,
  toS: number,
): number => meanOf(shares.slice(joinsAtS + fromS, joinsAtS + toS));

/**
 * The share of requests that fail while the newcomer has an equal share, as a fluid: it comes in evenly, is worked off as
 * the speed rises, and fails while more than a second of work waits.
 */
const failedInTheory = (): number => {
  const perSecond = requestsPerSecond / (instances + 1);
  const stepS = 0.01;
  let queue = 0;
  let failing = 0;
  for (let atS = 0; atS < endS - joinsAtS; atS += stepS) {
    const warmth = Math.min(1, (atS * 1_000) / windowMs);
    const speed = coldSpeed + (1 - coldSpeed) * warmth;
    const answered = (speed * workers * 1_000) / serviceMs;
    queue = Math.max(0, queue + (perSecond - answered) * stepS);
    if (queue > answered) failing += stepS;
  }
  return failing / (endS - joinsAtS) / (instances + 1);
};

describe("a cold instance that joins ten warm ones", () => {
  it("fails what it gets in its turn for more than twenty seconds", () => {
    const { failed, most } = of("weightedRoundRobin", false);
    expect(failedInTheory()).toBeCloseTo(0.067, 2);
    expect(Math.abs(failed / failedInTheory() - 1)).toBeLessThan(0.1);
    expect(most).toBeGreaterThan(200);
    expect(share(of("weightedRoundRobin", false), 0, 20)).toBeCloseTo(
      1 / 11,
      2,
    );
  });

  it("fails next to nothing when its turns are as rare as it is slow", () => {
    const figures = of("weightedRoundRobin", true);
    expect(figures.failed).toBeLessThan(0.002);
    expect(figures.p99Ms).toBeLessThan(300);
    expect(figures.most).toBeLessThan(25);
  });

  it("gets in its turn what its weight says: w / (10 + w)", () => {
    const figures = of("weightedRoundRobin", true);
    for (const fromS of [5, 10, 15]) {
      const weight = (fromS + 2.5) / 20;
      const expected = weight / (instances + weight);
      const off = share(figures, fromS, fromS + 5) / expected - 1;
      expect(Math.abs(off)).toBeLessThan(0.2);
    }
    expect(share(figures, 21, 30)).toBeCloseTo(1 / 11, 2);
  });

  it("is not flooded by balancers that count what is in flight, slow start or not", () => {
    for (const name of ["leastRequest", "powerOfTwo"] as const) {
      const figures = of(name, false);
      expect(figures.most).toBeLessThan(30);
      expect(figures.failed).toBeGreaterThan(0);
      expect(figures.failed).toBeLessThan(0.006);
      expect(share(figures, 20, 30)).toBeCloseTo(1 / 11, 1);
    }
  });

  it("fails nothing under these with slow start, and is hardly used until its window is over", () => {
    for (const name of ["leastRequest", "powerOfTwo"] as const) {
      const figures = of(name, true);
      expect(figures.failed).toBe(0);
      expect(figures.p99Ms).toBeLessThan(of(name, false).p99Ms);
      expect(share(figures, 0, 8)).toBeLessThan(0.002);
      expect(share(figures, 21, 30)).toBeGreaterThan(0.075);
    }
    expect(share(of("leastRequest", true), 0, 19)).toBeLessThan(0.001);
    expect(share(of("powerOfTwo", true), 10, 19)).toBeGreaterThan(0.01);
  });

  it("gets as much for the same seed", async () => {
    expect(await joining("powerOfTwo", true)).toEqual(of("powerOfTwo", true));
  });
});
