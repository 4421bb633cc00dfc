import { describe, expect, it } from "vitest";
import { guardNames, stampede } from "./stampede.ts";

const seed = 1;
const probes = 3;

describe("a service that comes back cold, with a thousand calls a second waiting for it", () => {
  it("falls over again and again when everybody is let through at the end of a break", () => {
    const figures = stampede({ seed, guard: "uncapped", answersToWarm: 3 });
    expect(figures.mostWhileCold).toBeGreaterThan(100);
    expect(figures.falls).toBeGreaterThan(5);
    expect(figures.recoverySeconds).toBe(Infinity);
    expect(Math.max(...figures.answers)).toBe(0);
  });

  it("meets no more calls than there are probes, and serves all again within one break", () => {
    const figures = stampede({ seed, guard: "3 probes", answersToWarm: 3 });
    expect(figures.mostWhileCold).toBeLessThanOrEqual(probes);
    expect(figures.falls).toBe(0);
    expect(figures.recoverySeconds).toBeLessThan(6);
    expect(figures.answers.at(-1)).toBeGreaterThan(900);
  });

  it("needs a ramp too when probes alone do not warm it", () => {
    const bare = stampede({ seed, guard: "3 probes", answersToWarm: 100 });
    expect(bare.recoverySeconds).toBe(Infinity);
    const ramped = stampede({
      seed,
      guard: "3 probes and a ramp of 20 s",
      answersToWarm: 100,
    });
    expect(ramped.falls).toBe(0);
    expect(ramped.mostWhileCold).toBeLessThanOrEqual(100);
    expect(ramped.recoverySeconds).toBeLessThan(26);
  });

  it("does the same for the same seed, and the like for others", () => {
    for (const guard of guardNames) {
      const options = { guard, answersToWarm: 3 };
      const first = stampede({ ...options, seed });
      expect(stampede({ ...options, seed })).toEqual(first);
      for (const other of [2, 3, 4])
        expect(stampede({ ...options, seed: other }).falls === 0).toBe(
          first.falls === 0,
        );
    }
  });
});
