import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueTimes } from "./due-times.ts";

const step = fc.oneof(
  fc.record({
    kind: fc.constant("watch" as const),
    one: fc.nat(4),
    inMs: fc.integer({ min: -5, max: 50 }),
  }),
  fc.record({ kind: fc.constant("forget" as const), one: fc.nat(4) }),
  fc.record({ kind: fc.constant("advance" as const), ms: fc.nat(30) }),
);

describe("DueTimes", () => {
  it("looks at each thing once, when the time it was last watched for has come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new ManualClock();
        const looks: [one: number, atMs: number][] = [];
        const things = Array.from({ length: 5 }, (_, one) => ({
          one,
          slot: -1,
        }));
        const times = new DueTimes<(typeof things)[number]>(
          clock,
          ({ one }, nowMs) => void looks.push([one, nowMs]),
        );
        const due = new Map<number, number>();
        const expected: [one: number, atMs: number][] = [];
        for (const each of steps)
          if (each.kind === "forget") {
            times.forget(things[each.one]!);
            due.delete(each.one);
          } else if (each.kind === "watch") {
            const dueMs = clock.now() + each.inMs;
            times.watch(things[each.one]!, dueMs);
            due.set(each.one, dueMs);
          } else {
            const fromMs = clock.now();
            await clock.advance(each.ms);
            const over = [...due].filter(([, dueMs]) => dueMs <= clock.now());
            for (const [one, dueMs] of over) {
              due.delete(one);
              expected.push([one, Math.max(fromMs, dueMs)]);
            }
            expect(clock.pending).toBe(due.size > 0 ? 1 : 0);
          }
        const sorted = (all: typeof looks) =>
          all.map(String).sort((a, b) => a.localeCompare(b));
        expect(sorted(looks)).toEqual(sorted(expected));
      }),
    );
  });
});
