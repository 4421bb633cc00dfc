import fc from "fast-check";
import type { LimitPolicy } from "../src/algorithms/algorithm.ts";

/** An admitted take. */
interface Take {
  readonly at: number;
  readonly cost: number;
}

const newCells = (policy: LimitPolicy): Float64Array => {
  const cells = new Float64Array(policy.width);
  policy.start(cells, 0, 0);
  return cells;
};

/** The units admitted up to `endUs` (inclusive) to one who takes `cost` again as soon as each answer allows. */
export const saturate = (
  policy: LimitPolicy,
  cost: number,
  endUs: number,
): number => {
  const cells = newCells(policy);
  let admitted = 0;
  for (let now = 0; now <= endUs;) {
    const wait = policy.wait(cells, 0, now, cost);
    if (wait === 0) {
      policy.charge(cells, 0, now, cost);
      admitted += cost;
    } else now += wait;
  }
  return admitted;
};

/** A gap in microseconds, a cost, and whether to wait for as long as a refusal says. */
type Ask = readonly [number, number, boolean];

/** Small limits, and what is asked of them. */
export const demands: fc.Arbitrary<{
  readonly limit: number;
  readonly periodUs: number;
  readonly asks: readonly Ask[];
}> = fc.record({
  limit: fc.integer({ min: 1, max: 10 }),
  periodUs: fc.integer({ min: 1, max: 80 }),
  asks: fc.array(
    fc.tuple(
      fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
    ),
    { maxLength: 80 },
  ),
});

/** The takes a policy admits on a trace. */
export const takesOf = (
  policy: LimitPolicy,
  asks: readonly Ask[],
): readonly Take[] => {
  const cells = newCells(policy);
  const takes: Take[] = [];
  let now = 0;
  for (const [gap, cost, patient] of asks) {
    now += gap;
    const wait = policy.wait(cells, 0, now, cost);
    if (patient && wait < Infinity) now += wait;
    else if (wait > 0) continue;
    policy.charge(cells, 0, now, cost);
    takes.push({ at: now, cost });
  }
  return takes;
};

/** For each interval from one take to another, its length and the units taken in it, ends included. */
export function* intervals(
  takes: readonly Take[],
): Generator<{ readonly lengthUs: number; readonly units: number }> {
  for (const [index, first] of takes.entries()) {
    let units = 0;
    for (const { at, cost } of takes.slice(index)) {
      units += cost;
      yield { lengthUs: at - first.at, units };
    }
  }
}
