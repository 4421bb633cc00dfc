import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReferenceLimiter } from "../testing/reference.ts";
import type { LimitPolicy } from "./algorithm.ts";
import { fixedWindow } from "./fixed-window.ts";
import { slidingLog } from "./sliding-log.ts";
import { slidingWindow } from "./sliding-window.ts";

interface Rate {
  readonly limit: number;
  readonly periodUs: number;
}

const kinds = ["fixed-window", "utc-window", "sliding-window", "sliding-log"];

const policyOf = (kind: string, { limit, periodUs }: Rate): LimitPolicy => {
  const options = { limit, per: periodUs / 1000 };
  if (kind === "sliding-window") return slidingWindow(options);
  if (kind === "sliding-log") return slidingLog(options);
  const align = kind === "utc-window" ? "utc" : "first-hit";
  return fixedWindow({ ...options, align });
};

const small = fc.record({
  limit: fc.integer({ min: 1, max: 12 }),
  periodUs: fc.integer({ min: 1, max: 60 }),
});
const large = fc.record({
  limit: fc.integer({ min: 1, max: 100_000 }),
  periodUs: fc.integer({ min: 1, max: 86_400_000_000 }),
});
/** At the very bound of exact integers. */
const greatest = fc.integer({ min: 2, max: 2 ** 40 }).map((periodUs) => ({
  limit: Math.floor(Number.MAX_SAFE_INTEGER / periodUs),
  periodUs,
}));

const ratesOf = (kind: string) =>
  kind === "sliding-log" ? small : fc.oneof(small, large, greatest);

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("take", "take", "take", "force", "giveBack"),
    /** In periods, so that every region is met. */
    advance: fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 0, max: 0.6, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ min: -1.2, max: 3, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ min: -7, max: 7, noNaN: true }) },
    ),
    jitterUs: fc.integer({ min: -1, max: 1 }),
    /** In limits. */
    cost: fc.double({ min: 0, max: 1.1, noNaN: true }),
    size: fc.constantFrom("few", "few", "share", "huge"),
  }),
  { maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

const costOf = ({ cost, size, kind }: Step, limit: number): number => {
  if (size === "few") return Math.floor(cost * 4);
  if (size === "huge" && kind !== "take") return Number.MAX_SAFE_INTEGER;
  return Math.round(cost * limit);
};

/** Walks a trace, and calls `act` with the cells healed and standing at each step's time. */
const walk = (
  policy: LimitPolicy,
  { limit, periodUs }: Rate,
  trace: readonly Step[],
  act: (step: Step, nowUs: number, cost: number) => void,
  cells: Float64Array,
): void => {
  let nowUs = 10 * periodUs;
  policy.start(cells, 0, 0);
  for (const step of trace) {
    nowUs += Math.round(step.advance * periodUs) + step.jitterUs;
    nowUs = Math.max(0, nowUs);
    policy.heal(cells, 0, nowUs);
    act(step, nowUs, costOf(step, limit));
  }
};

describe.each(kinds)("a %s", (kind) => {
  const rates = ratesOf(kind);

  it("agrees with the reference, whatever is taken, forced and given back, and however the clock goes", () => {
    fc.assert(
      fc.property(rates, steps, (rate, trace) => {
        const policy = policyOf(kind, rate);
        const cells = new Float64Array(policy.width);
        const reference = new ReferenceLimiter([
          { ...rate, kind: kind as "fixed-window" },
        ]);
        walk(
          policy,
          rate,
          trace,
          (step, nowUs, cost) => {
            if (step.kind === "giveBack") {
              policy.giveBack(cells, 0, nowUs, cost);
              reference.adjust(["x"], nowUs, -cost);
            } else if (step.kind === "force") {
              policy.force(cells, 0, nowUs, cost);
              reference.adjust(["x"], nowUs, cost);
            } else {
              const wait = policy.wait(cells, 0, nowUs, cost);
              const expected = reference.decide(["x"], nowUs, cost, true);
              expect(wait === 0).toBe(expected.refusal === undefined);
              if (wait === 0) policy.charge(cells, 0, nowUs, cost);
            }
            for (const asked of [0, 1, cost])
              expect(policy.describe(cells, 0, nowUs, asked)).toEqual(
                reference.decide(["x"], nowUs, asked, false).states[0],
              );
          },
          cells,
        );
      }),
      { numRuns: 1500, seed: 21 },
    );
  });

  it("answers as before once what was taken is given back, and no wait gets shorter by force or longer by giving back", () => {
    fc.assert(
      fc.property(rates, steps, (rate, trace) => {
        const policy = policyOf(kind, rate);
        const cells = new Float64Array(policy.width);
        const costs = [0, 1, Math.ceil(rate.limit / 2), rate.limit];
        const look = (nowUs: number) => ({
          waits: costs.map((each) => policy.wait(cells, 0, nowUs, each)),
          state: policy.describe(cells, 0, nowUs, 1),
          idleAt: policy.idleAt(cells, 0),
        });
        walk(
          policy,
          rate,
          trace,
          (step, nowUs, cost) => {
            const before = look(nowUs);
            if (step.kind === "take") {
              if (before.waits[0] !== 0) return;
              if (policy.wait(cells, 0, nowUs, cost) !== 0) return;
              policy.charge(cells, 0, nowUs, cost);
              expect(policy.wait(cells, 0, nowUs, 0)).toBe(0);
              expect(policy.idleAt(cells, 0)).toBeGreaterThanOrEqual(
                before.idleAt,
              );
              policy.giveBack(cells, 0, nowUs, cost);
              const { waits, state } = look(nowUs);
              expect({ waits, state }).toEqual({
                waits: before.waits,
                state: before.state,
              });
              policy.charge(cells, 0, nowUs, cost);
              return;
            }
            policy[step.kind](cells, 0, nowUs, cost);
            const forced = step.kind === "force";
            const after = look(nowUs);
            for (const [index, wait] of after.waits.entries()) {
              const was = before.waits[index] as number;
              if (forced) expect(wait).toBeGreaterThanOrEqual(was);
              else expect(wait).toBeLessThanOrEqual(was);
            }
            if (forced)
              expect(after.idleAt).toBeGreaterThanOrEqual(before.idleAt);
            expect(policy.heal(cells, 0, nowUs)).toBe(false);
          },
          cells,
        );
      }),
      { numRuns: 800, seed: 22 },
    );
  });

  it("refuses one unit of time before the wait it gave, and allows then", () => {
    fc.assert(
      fc.property(rates, steps, (rate, trace) => {
        const policy = policyOf(kind, rate);
        const cells = new Float64Array(policy.width);
        walk(
          policy,
          rate,
          trace,
          (step, nowUs, cost) => {
            const wait = policy.wait(cells, 0, nowUs, cost);
            expect(wait === Infinity).toBe(cost > rate.limit);
            if (wait > 0 && wait < Infinity) {
              expect(policy.wait(cells, 0, nowUs + wait - 1, cost)).toBe(1);
              expect(policy.wait(cells, 0, nowUs + wait, cost)).toBe(0);
            }
            if (step.kind !== "take") policy[step.kind](cells, 0, nowUs, cost);
            else if (wait === 0) policy.charge(cells, 0, nowUs, cost);
          },
          cells,
        );
      }),
      { numRuns: 800, seed: 23 },
    );
  });

  it("cannot be told from an unused one from idleAt on, and can before", () => {
    fc.assert(
      fc.property(rates, steps, (rate, trace) => {
        const policy = policyOf(kind, rate);
        const cells = new Float64Array(policy.width);
        const unused = new Float64Array(policy.width);
        walk(
          policy,
          rate,
          trace,
          (step, nowUs, cost) => {
            if (step.kind !== "take") policy[step.kind](cells, 0, nowUs, cost);
            else if (policy.wait(cells, 0, nowUs, cost) === 0)
              policy.charge(cells, 0, nowUs, cost);
            const idleAt = policy.idleAt(cells, 0);
            for (const later of [idleAt, Math.max(idleAt, nowUs)]) {
              policy.start(unused, 0, later);
              expect(policy.describe(cells, 0, later, rate.limit)).toEqual(
                policy.describe(unused, 0, later, rate.limit),
              );
            }
            if (idleAt > nowUs)
              expect(
                policy.wait(cells, 0, idleAt - 1, rate.limit),
              ).toBeGreaterThan(0);
          },
          cells,
        );
      }),
      { numRuns: 800, seed: 24 },
    );
  });

  it("never allows at once what a healing would change", () => {
    fc.assert(
      fc.property(
        rates,
        fc.double({ min: 0, max: 9, noNaN: true }),
        (rate, ahead) => {
          const policy = policyOf(kind, rate);
          const cells = new Float64Array(policy.width);
          const futureUs = Math.round((20 + ahead) * rate.periodUs);
          policy.start(cells, 0, 0);
          policy.charge(cells, 0, futureUs, 1);
          for (let periods = 0; periods < 30; periods += 0.5) {
            const nowUs = Math.round(periods * rate.periodUs);
            const copy = cells.slice();
            if (!policy.heal(copy, 0, nowUs)) continue;
            expect(policy.wait(cells, 0, nowUs, 0)).toBeGreaterThan(0);
            expect(policy.describe(copy, 0, nowUs, 1).remaining).toBe(0);
            expect(policy.idleAt(copy, 0)).toBeLessThanOrEqual(
              nowUs + 2 * rate.periodUs,
            );
          }
        },
      ),
      { numRuns: 200, seed: 25 },
    );
  });

  it("is before its start what one is that spent all and is back to full then", () => {
    fc.assert(
      fc.property(rates, fc.nat(2000), (rate, permille) => {
        const policy = policyOf(kind, rate);
        const started = new Float64Array(policy.width);
        const spent = new Float64Array(policy.width);
        const spentUs = 10 * rate.periodUs;
        policy.start(spent, 0, 0);
        policy.charge(spent, 0, spentUs, rate.limit);
        const fullUs = policy.idleAt(spent, 0);
        policy.start(started, 0, fullUs);
        const nowUs = fullUs - Math.ceil((permille * rate.periodUs) / 1000);
        expect(policy.describe(started, 0, nowUs, 1)).toEqual(
          policy.describe(spent, 0, nowUs, 1),
        );
      }),
      { numRuns: 300, seed: 26 },
    );
  });
});
