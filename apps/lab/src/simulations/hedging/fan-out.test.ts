import { beforeAll, describe, expect, it } from "vitest";
import {
  fanOut,
  hedgeNames,
  slowMs,
  type FanOutFigures,
  type HedgeName,
} from "./fan-out.ts";

const figures = new Map<HedgeName, FanOutFigures>();
beforeAll(async () => {
  for (const name of hedgeNames) figures.set(name, await fanOut(name, 1));
});

const of = (name: HedgeName): FanOutFigures => figures.get(name)!;

describe("requests that wait for a hundred calls, of which one in a hundred takes a second", () => {
  it("are slow nearly two times in three: 1 - 0.99^100", () => {
    expect(Math.abs(of("no hedge").slowRequests - 0.634)).toBeLessThan(0.04);
    expect(of("no hedge").p999Ms).toBeGreaterThan(1.5 * slowMs);
  });

  it("are seldom slow when each call is hedged after the 95th percentile, for a twentieth more runs", () => {
    const { slowRequests, p999Ms, extraRuns } = of("after p95, no budget");
    expect(slowRequests).toBeLessThan(0.02);
    expect(p999Ms).toBeLessThan(of("no hedge").p999Ms / 30);
    expect(extraRuns).toBeGreaterThan(0.04);
    expect(extraRuns).toBeLessThan(0.055);
  });

  it("never cost more runs than the default budget lets through, which is a little less than the 95th percentile asks for", () => {
    const { slowRequests, p999Ms, extraRuns } = of("after p95");
    expect(extraRuns).toBeLessThanOrEqual(0.0505);
    expect(extraRuns).toBeLessThan(of("after p95, no budget").extraRuns);
    expect(slowRequests).toBeLessThan(0.1);
    expect(p999Ms).toBeLessThan(of("no hedge").p999Ms / 30);
  });

  it("cost a fifth of that when the hedge waits for what is slow beyond doubt, and end a little later", () => {
    const { slowRequests, p999Ms, extraRuns } = of("after 50 ms");
    expect(extraRuns).toBeLessThan(0.013);
    expect(slowRequests).toBeLessThan(0.03);
    expect(p999Ms).toBeGreaterThan(50);
    expect(p999Ms).toBeLessThan(100);
  });

  it("take the same time for the same seed", async () => {
    expect(await fanOut("after p95", 1)).toEqual(of("after p95"));
  });
});
