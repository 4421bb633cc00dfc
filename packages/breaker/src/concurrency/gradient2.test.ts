import { describe, expect, it } from "vitest";
import { gradient2 } from "../index.ts";
import { limitSuite } from "../testing/index.ts";

describe("a gradient limit", () => {
  for (const { name, run } of limitSuite((bounds) => gradient2(bounds)))
    it(name, run);

  const fed = (
    algorithm: ReturnType<typeof gradient2>,
    rttMs: number,
    inFlight = 1_000,
    dropped = false,
  ): number => {
    algorithm.sample({ rttMs, inFlight, dropped });
    return algorithm.limit;
  };

  it("goes a fifth of the way to the limit by its gradient, plus room for a queue", () => {
    const algorithm = gradient2({ initial: 20 });
    // As usual: 0.8 * 20 + 0.2 * (20 + 4).
    expect(fed(algorithm, 10)).toBeCloseTo(20.8);
    // The usual time is now 20, the gradient 1.5 * 20 / 30, which is 1.
    expect(fed(algorithm, 30)).toBeCloseTo(21.6);
    // Usual 40, gradient 1.5 * 40 / 80: 0.8 * 21.6 + 0.2 * (0.75 * 21.6 + 4).
    expect(fed(algorithm, 80)).toBeCloseTo(21.32);
  });

  it("never falls by more than a tenth at once", () => {
    const algorithm = gradient2({ initial: 100, queue: 0 });
    for (let sample = 0; sample < 20; sample++) fed(algorithm, 1, 1);
    expect(fed(algorithm, 1_000)).toBeCloseTo(90);
    expect(fed(algorithm, 1, 1_000, true)).toBeCloseTo(81);
  });

  it("weighs a time against the last six hundred once it has seen ten", () => {
    const algorithm = gradient2({ initial: 100, queue: 0, tolerance: 1 });
    for (let sample = 0; sample < 10; sample++) fed(algorithm, 10);
    // Usual: 10 + 2 / 601 * 10, the gradient half of that over 10.
    expect(fed(algorithm, 20)).toBeCloseTo(
      80 + 20 * ((10 + 20 / 601) / 20),
      10,
    );
  });

  it("lets the usual time come down quickly after an overload", () => {
    const recovered = (): number => {
      const algorithm = gradient2({ initial: 10, max: 100 });
      for (let sample = 0; sample < 10; sample++) fed(algorithm, 100);
      // Not used, so that only the usual time changes.
      let samples = 0;
      for (; samples < 1_000; samples++) {
        fed(algorithm, 10, 1);
        const before = algorithm.limit;
        const probe = fed(algorithm, 31);
        if (probe < before) break;
      }
      return samples;
    };
    // By 2 / 601 of the difference for each sample alone it would take more than 600.
    expect(recovered()).toBeLessThan(100);
  });

  it("is fed once a second by default, or as often as told", () => {
    expect(gradient2().windowMs).toBe(1_000);
    expect(gradient2({ window: 0 }).windowMs).toBe(0);
  });

  it("refuses options out of bounds", () => {
    expect(() => gradient2({ tolerance: 0.9 })).toThrow("tolerance must be");
    expect(() => gradient2({ queue: -1 })).toThrow("queue must be");
    expect(() => gradient2({ window: -1 })).toThrow("window must be");
  });
});
