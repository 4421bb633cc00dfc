import { beforeAll, describe, expect, it } from "vitest";
import { meanOf } from "../distributions.ts";
import { lossOf, spilledInTheory } from "./erlang.ts";
import { freshKeys, hotKeys, spill, type SpillFigures } from "./spill.ts";

const factors = [1.1, 1.25, 1.5];
const onRing = new Map<number, SpillFigures>();
const onMaglev = new Map<number, SpillFigures>();
beforeAll(() => {
  for (const factor of factors) {
    onRing.set(factor, spill("ringHash, 100 points", factor, freshKeys()));
    onMaglev.set(factor, spill("maglev", factor, freshKeys()));
  }
});

describe("bounded loads, a hundred requests an instance", () => {
  it("never go above the bound, and reach it", () => {
    for (const figures of [onRing, onMaglev]) {
      expect(figures.get(1.1)?.most).toBe(110);
      expect(figures.get(1.25)?.most).toBe(125);
      expect(figures.get(1.5)?.most).toBeLessThanOrEqual(150);
    }
  });

  it("spill what Erlang's formula says where all own equally much", () => {
    const spilled = (factor: number): number =>
      meanOf(
        [2, 3].map(
          (seed) => spill("maglev", factor, freshKeys(), seed).spilled,
        ),
      );
    expect(Math.abs(spilled(1.15) / spilledInTheory(1.15) - 1)).toBeLessThan(
      0.15,
    );
    // What spills comes in bursts, which the formula does not know of.
    const ratio = spilled(1.1) / spilledInTheory(1.1);
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(1.3);
  });

  it("spill more on a ring, where shares are uneven, and next to nothing from a factor of 1.5 on", () => {
    for (const factor of [1.1, 1.25])
      expect(onRing.get(factor)?.spilled).toBeGreaterThan(
        1.2 * onMaglev.get(factor)!.spilled,
      );
    expect(onMaglev.get(1.25)?.spilled).toBeLessThan(0.004);
    expect(onRing.get(1.25)?.spilled).toBeLessThan(0.02);
    for (const figures of [onRing, onMaglev])
      expect(figures.get(1.5)?.spilled).toBeLessThan(0.001);
  });

  it("share out a key that is asked for a tenth of the time: a third spills, and no instance has more than its bound", () => {
    const free = spill("maglev", undefined, hotKeys());
    expect(free.most).toBeGreaterThan(1_000);
    expect(free.spilled).toBe(0);
    const bound = spill("maglev", 1.25, hotKeys());
    expect(bound.most).toBe(125);
    expect(bound.spilled).toBeGreaterThan(0.28);
    expect(bound.spilled).toBeLessThan(0.4);
  });
});

describe("Erlang's loss formula", () => {
  it("gives the figures that are known", () => {
    expect(lossOf(2, 2)).toBeCloseTo(0.4, 12);
    expect(lossOf(1, 1)).toBeCloseTo(0.5, 12);
    expect(lossOf(100, 110)).toBeCloseTo(0.0275, 4);
  });
});
