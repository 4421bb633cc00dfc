import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { expect, it } from "vitest";
import type {
  Balancer,
  BalancerOptions,
  Candidate,
} from "../src/balancers/balancer.ts";
import { candidatesOf } from "../src/testing/balancer-case.ts";

export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i${index}`);

/**
 * Requests at random moments to five instances that take about 100 ms each, except that `i0` fails a part of them
 * at once while `failing`. The share `i0` got between two times.
 */
export const shareOfFailing = (
  factory: (options: BalancerOptions) => Balancer,
  ratePerSecond: number,
  failing: (nowMs: number) => number,
  fromMs: number,
  toMs: number,
): number => {
  let nowMs = 0;
  const clock = Object.assign(new ManualClock(), { now: () => nowMs });
  const draw = seededRandom(11);
  const balancer = factory({ random: seededRandom(5), clock });
  balancer.update(candidatesOf(names(5)));
  let working: { endsMs: number; tookMs: number; candidate: Candidate }[] = [];
  let picks = 0;
  let hits = 0;
  while (nowMs < toMs) {
    nowMs += (-Math.log(1 - draw()) * 1000) / ratePerSecond;
    const done = working.filter(({ endsMs }) => endsMs <= nowMs);
    working = working.filter(({ endsMs }) => endsMs > nowMs);
    for (const { candidate, tookMs } of done)
      balancer.settle(candidate, { outcome: "success", latencyMs: tookMs });
    const candidate = balancer.pick();
    if (candidate === undefined) throw new Error("nobody was picked");
    if (nowMs >= fromMs) picks++;
    if (nowMs >= fromMs && candidate.id === "i0") hits++;
    if (candidate.id === "i0" && draw() < failing(nowMs))
      balancer.settle(candidate, { outcome: "failure" });
    else {
      const tookMs = 50 + 100 * draw();
      working.push({ endsMs: nowMs + tookMs, tookMs, candidate });
    }
  }
  return hits / picks;
};

/** What every balancer that learns from failures owes. */
export const failsWithoutAttracting = (
  factory: (options: BalancerOptions) => Balancer,
): void => {
  const share = shareOfFailing.bind(undefined, factory);

  it("draws less than its share when it fails always, at any load", () => {
    for (const rate of [1, 10, 100, 1000])
      expect(share(rate, () => 1, 0, 60_000)).toBeLessThan(0.2);
    // Busy peers would make an instance that is always idle the best of every pair: two fifths.
    expect(share(1000, () => 1, 10_000, 60_000)).toBeLessThan(0.05);
  });

  it("draws no more than its share when it fails sometimes", () => {
    for (const part of [0.01, 0.1, 0.5])
      expect(share(200, () => part, 5000, 60_000)).toBeLessThan(0.21);
  });
};
