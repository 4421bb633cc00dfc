import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyOf, timeFrom } from "../testing/compare-with-reference.ts";
import type { ReferenceKind } from "../testing/reference-counts.ts";
import { ReferenceLimiter } from "../testing/reference.ts";
import { memoryStore } from "./memory.ts";

const mixtures: readonly [ReferenceKind, ReferenceKind, ReferenceKind][] = [
  ["fixed-window", "fixed-window", "fixed-window"],
  ["utc-window", "utc-window", "utc-window"],
  ["sliding-window", "sliding-window", "sliding-window"],
  ["sliding-log", "sliding-log", "sliding-log"],
  ["sliding-log", "token-bucket", "utc-window"],
  ["fixed-window", "sliding-window", "sliding-log"],
];

const steps = fc.array(
  fc.record({
    gapUs: fc.integer({ min: 0, max: 700 }),
    first: fc.integer({ min: 0, max: 9 }),
    second: fc.integer({ min: 0, max: 9 }),
    cost: fc.integer({ min: 0, max: 4 }),
    commit: fc.boolean(),
  }),
  { maxLength: 120 },
);

describe("a full memory store", () => {
  it.each(mixtures)(
    "answers like the reference of the same size, and never holds more, with a %s, a %s and a %s",
    (...kinds) => {
      const rates = [
        { kind: kinds[0], limit: 3, periodUs: 1000 },
        { kind: kinds[1], limit: 7, periodUs: 5000 },
        { kind: kinds[2], limit: 2, periodUs: 900, shadow: true },
      ] as const;
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 12 }),
          steps,
          (maxKeys, trace) => {
            let nowUs = 0;
            const clock = timeFrom(() => nowUs / 1000);
            const store = memoryStore({ maxKeys });
            const session = store.bind(
              rates.map((rate, index) => ({
                id: String(index),
                policy: policyOf(rate),
                enforced: index !== 2,
              })),
              clock,
            );
            const reference = new ReferenceLimiter(rates, maxKeys);
            for (const { gapUs, cost, commit, ...who } of trace) {
              nowUs += gapUs;
              const subjects = [who.first, who.second, who.first].map(String);
              const charging = commit && cost > 0;
              expect(session.decideSync(subjects, cost, charging)).toEqual(
                reference.decide(subjects, nowUs, cost, charging),
              );
              expect(store.size).toBeLessThanOrEqual(maxKeys);
            }
          },
        ),
        { numRuns: 150, seed: 61 },
      );
    },
  );
});
