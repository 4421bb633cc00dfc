import { beforeAll, describe, expect, it } from "vitest";
import {
  clientKindNames,
  course,
  load,
  outage,
  type ClientKind,
  type OutageFigures,
} from "./outage.ts";

const figures = new Map<ClientKind, OutageFigures>();
beforeAll(async () => {
  for (const kind of clientKindNames) figures.set(kind, await outage(kind, 1));
});

const of = (kind: ClientKind): OutageFigures => figures.get(kind)!;
const meanOver = (
  counts: readonly number[],
  from: number,
  to: number,
): number =>
  counts.slice(from, to).reduce((sum, count) => sum + count, 0) / (to - from);

describe("a server that loses most of its capacity for ten seconds", () => {
  it("serves all that is asked for before, whoever its clients are", () => {
    for (const kind of clientKindNames) {
      const before = meanOver(of(kind).goodput, 0, course.triggerFrom);
      expect(before / load.offered).toBeGreaterThan(0.9);
    }
  });

  it("stays down for good when its clients repeat without bound, although it could do more than is asked for", () => {
    const { goodput, attempts, recoverySeconds } = of("3 repeats");
    expect(recoverySeconds).toBe(Infinity);
    expect(meanOver(goodput, course.triggerTo, course.end)).toBe(0);
    const after = meanOver(attempts, course.triggerTo, course.end);
    expect(after / load.offered).toBeGreaterThan(3.5);
  });

  it("works its queue off when a budget bounds the repeats, sooner with a smaller one", () => {
    const twenty = of("3 repeats, budget 20 %").recoverySeconds;
    const ten = of("3 repeats, budget 10 %").recoverySeconds;
    expect(twenty).toBeLessThan(45);
    expect(ten).toBeLessThan(0.75 * twenty);
    expect(ten).toBeGreaterThanOrEqual(of("no repeats").recoverySeconds);
  });

  it("is back within seconds when a breaker keeps calls away while the queue drains", () => {
    const { recoverySeconds } = of("3 repeats, breaker");
    expect(recoverySeconds).toBeLessThanOrEqual(10);
    expect(recoverySeconds).toBeLessThan(of("no repeats").recoverySeconds);
  });

  it("does the same for the same seed", async () => {
    expect(await outage("no repeats", 1)).toEqual(of("no repeats"));
    expect(await outage("no repeats", 2)).not.toEqual(of("no repeats"));
  });
});
