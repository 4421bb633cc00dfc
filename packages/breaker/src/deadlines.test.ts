import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadline, deadlinesOf } from "./deadlines.ts";

class TestDeadline extends Deadline {
  readonly dueMs: number;
  readonly limitMs: number;
  readonly expire: () => void;

  constructor(dueMs: number, limitMs: number, expire: () => void) {
    super();
    this.dueMs = dueMs;
    this.limitMs = limitMs;
    this.expire = expire;
  }
}

const make = (
  clock: ManualClock,
  limitMs: number,
  expire: (at: number) => void,
): Deadline =>
  new TestDeadline(clock.now() + limitMs, limitMs, () => expire(clock.now()));

describe("the deadlines of a clock", () => {
  it("expire when they are due and not otherwise, with one timer for all", async () => {
    const step = fc.record({
      byMs: fc.integer({ min: 0, max: 50 }),
      add: fc.option(
        fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(Infinity)),
        { nil: undefined },
      ),
      remove: fc.option(fc.nat(20), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: "max" }),
        async (steps) => {
          const clock = new ManualClock();
          const deadlines = deadlinesOf(clock);
          const all: { deadline: Deadline; removedMs: number }[] = [];
          const expired = new Map<Deadline, number>();
          for (const { byMs, add, remove } of steps) {
            if (add !== undefined) {
              const deadline = make(clock, add, (atMs) =>
                expired.set(deadline, atMs),
              );
              all.push({ deadline, removedMs: Infinity });
              deadlines.add(deadline);
            }
            const removed = all[(remove ?? 99) % (all.length + 1)];
            if (remove !== undefined && removed !== undefined) {
              deadlines.remove(removed.deadline);
              removed.removedMs = Math.min(removed.removedMs, clock.now());
            }
            expect(clock.pending).toBeLessThanOrEqual(1);
            await clock.advance(byMs);
            for (const { deadline, removedMs } of all) {
              const { dueMs } = deadline;
              const due = dueMs <= clock.now() && dueMs <= removedMs;
              expect(expired.get(deadline)).toBe(due ? dueMs : undefined);
              expect(deadline.stalledMs).toBe(0);
            }
          }
          for (const { deadline } of all) deadlines.remove(deadline);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("may add and remove others when they expire", async () => {
    const clock = new ManualClock();
    const deadlines = deadlinesOf(clock);
    const seen: number[] = [];
    const victim = make(clock, 10, () => seen.push(-1));
    const first = make(clock, 5, () => {
      deadlines.remove(victim);
      deadlines.add(make(clock, 7, (atMs) => seen.push(atMs)));
    });
    deadlines.add(victim);
    deadlines.add(first);
    await clock.advance(100);
    expect(seen).toEqual([12]);
    expect(clock.pending).toBe(0);
  });
});
