import { beforeAll, describe, expect, it } from "vitest";
import {
  contenderNames,
  roundRobinLimit,
  servers,
  unevenServers,
  weakServers,
  type ContenderName,
  type UnevenFigures,
} from "./uneven-servers.ts";

const loads = [0.75, 0.95];
const figures = new Map<string, UnevenFigures>();
beforeAll(async () => {
  for (const name of contenderNames)
    for (const load of loads)
      figures.set(`${name} at ${load}`, await unevenServers(name, load));
});

const of = (name: ContenderName, load: number): UnevenFigures =>
  figures.get(`${name} at ${load}`)!;

const equal: ContenderName = "round robin, equal weights";

describe("a hundred servers, of which twenty are half as fast, near what they can do together", () => {
  it("overwhelm the weak ones under equal turns: the tail takes seconds, and the longer the more", async () => {
    expect(of(equal, 0.75).weakShare).toBeCloseTo(weakServers / servers, 1);
    for (const load of loads) {
      const longer = await unevenServers(equal, load, 1, 9_000);
      expect(of(equal, load).p99Ms).toBeGreaterThan(1_500);
      expect(longer.p99Ms).toBeGreaterThan(1.3 * of(equal, load).p99Ms);
    }
  });

  it("bear equal turns only as long as the weak ones do", async () => {
    expect(roundRobinLimit).toBeCloseTo(0.556, 3);
    const short = await unevenServers(equal, 0.45, 1, 4_500);
    const longer = await unevenServers(equal, 0.45, 1, 9_000);
    expect(longer.p99Ms).toBeLessThan(1.2 * short.p99Ms);
  });

  it("have a tail under prequal that stays flat up to the limit", () => {
    const low = of("prequal", 0.75);
    const high = of("prequal", 0.95);
    expect(high.p99Ms).toBeLessThan(1.5 * low.p99Ms);
    expect(high.p999Ms).toBeLessThan(2 * low.p999Ms);
    expect(of(equal, 0.95).p99Ms).toBeGreaterThan(5 * high.p99Ms);
  });

  it("have a shorter one under prequal than under all others, who see less", () => {
    for (const load of loads)
      for (const name of contenderNames)
        if (name !== "prequal")
          expect(of(name, load).p99Ms).toBeGreaterThan(
            1.05 * of("prequal", load).p99Ms,
          );
  });

  it("give the weak ones less than their right share under prequal, more under powerOfTwo", () => {
    const right = weakServers / 2 / (servers - weakServers / 2);
    expect(right).toBeCloseTo(0.111, 3);
    expect(of("prequal", 0.95).weakShare).toBeLessThan(right);
    expect(of("powerOfTwo", 0.95).weakShare).toBeGreaterThan(right);
    expect(
      Math.abs(of("round robin, right weights", 0.95).weakShare / right - 1),
    ).toBeLessThan(0.05);
  });

  it("answer as fast for the same seed", async () => {
    expect(await unevenServers("prequal", 0.75)).toEqual(of("prequal", 0.75));
  });
});
