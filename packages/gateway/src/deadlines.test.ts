import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadline, Deadlines } from "./deadlines.ts";

type Move =
  | { readonly kind: "set"; readonly entry: number; readonly inMs: number }
  | { readonly kind: "clear" | "remove"; readonly entry: number }
  | { readonly kind: "advance"; readonly ms: number };

const entries = 6;
const entry = fc.nat(entries - 1);
// Below and around a slot, within a turn of the wheel (25.6 s), and beyond several.
const span = fc.oneof(
  fc.constantFrom(0, 1, 49, 50, 51, 25_550, 25_600, 25_650),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 30_000 }),
  fc.integer({ min: 0, max: 200_000 }),
  fc.double({ min: 0, max: 500, noNaN: true }),
);
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), entry, inMs: span }),
  fc.record({
    kind: fc.constantFrom("clear" as const, "remove" as const),
    entry,
  }),
  fc.record({ kind: fc.constant("advance" as const), ms: span }),
);

/** A clock that can stall: its timers all run late, as when the event loop is blocked. */
class StallingClock extends ManualClock {
  #aheadMs = 0;

  override now(): number {
    return super.now() + this.#aheadMs;
  }

  /** Time passes without a timer running; the next `advance` catches up. */
  stall(ms: number): void {
    this.#aheadMs += ms;
  }
}

describe("deadlines", () => {
  it("expire once each, never early and at most a slot late, as a sorted list says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 60 }), async (moves) => {
        const clock = new ManualClock();
        const deadlines = new Deadlines(clock);
        const expired: { entry: number; atMs: number }[] = [];
        const all = Array.from(
          { length: entries },
          (_, index) =>
            new Deadline(() =>
              expired.push({ entry: index, atMs: clock.now() }),
            ),
        );
        const due = new Map<number, number>();
        for (const each of moves) {
          if (each.kind === "set") {
            const dueMs = clock.now() + each.inMs;
            deadlines.set(all[each.entry]!, dueMs);
            due.set(each.entry, dueMs);
          } else if (each.kind === "advance") {
            await clock.advance(each.ms);
          } else {
            deadlines[each.kind](all[each.entry]!);
            due.delete(each.entry);
          }
          for (const { entry: index, atMs } of expired.splice(0)) {
            const dueMs = due.get(index);
            expect(dueMs).toBeDefined();
            expect(atMs).toBeGreaterThanOrEqual(dueMs!);
            expect(atMs).toBeLessThanOrEqual(dueMs! + 50);
            due.delete(index);
          }
          for (const dueMs of due.values())
            expect(dueMs + 50).toBeGreaterThanOrEqual(clock.now());
        }
        // Everything ends, and with nothing to wait for there is no timer.
        await clock.advance(300_000);
        expect(expired.map((each) => each.entry).sort()).toEqual(
          [...due.keys()].sort(),
        );
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("all expire after a stall, however long, and none that is not due", async () => {
    for (const stallMs of [60, 5_000, 25_600, 60_000, 1_000_000]) {
      const clock = new StallingClock();
      const deadlines = new Deadlines(clock);
      const expired: number[] = [];
      const times = [
        10, 100, 5_000, 25_000, 26_000, 59_990, 999_990, 1_000_070,
      ];
      for (const time of times)
        deadlines.set(new Deadline(() => expired.push(time)), time);
      const late = new Deadline(() => expired.push(-1));
      clock.stall(stallMs);
      // Set during the stall, while the wheel has not turned yet.
      deadlines.set(late, clock.now() + 30_000);
      await clock.advance(60);
      const nowMs = clock.now();
      expect(expired.sort((a, b) => a - b)).toEqual(
        times.filter((time) => time <= nowMs),
      );
      await clock.advance(30_000);
      expect(expired).toContain(-1);
    }
  });

  it("may set, clear and remove each other while they expire", async () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock);
    const log: string[] = [];
    const cleared = new Deadline(() => log.push("cleared"));
    const removed = new Deadline(() => log.push("removed"));
    const moved = new Deadline(() => log.push(`moved ${clock.now()}`));
    const again = new Deadline(() => {
      log.push(`again ${clock.now()}`);
      if (clock.now() < 500) deadlines.set(again, clock.now() + 200);
    });
    const first = new Deadline(() => {
      log.push("first");
      deadlines.clear(cleared);
      deadlines.remove(removed);
      deadlines.set(moved, 300);
    });
    // In one slot; those linked last are looked at first.
    for (const each of [cleared, removed, moved, again, first])
      deadlines.set(each, 100);
    await clock.advance(1_000);
    expect(log).toEqual([
      "first",
      "again 100",
      "again 300",
      "moved 300",
      "again 500",
    ]);
    expect(clock.pending).toBe(0);
  });

  it("do not expire by being set again and again to later", async () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock);
    let expired = 0;
    const deadline = new Deadline(() => expired++);
    for (let round = 0; round < 1_000; round++) {
      deadlines.set(deadline, clock.now() + 1_000);
      await clock.advance(100);
    }
    expect(expired).toBe(0);
    await clock.advance(1_000);
    expect(expired).toBe(1);
  });

  it("use one timer for all, and none when all are removed", async () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock);
    const all = Array.from(
      { length: 1_000 },
      () => new Deadline(() => undefined),
    );
    for (const [index, each] of all.entries())
      deadlines.set(each, 1_000 + index);
    expect(clock.pending).toBe(1);
    for (const each of all) deadlines.remove(each);
    await clock.advance(100);
    expect(clock.pending).toBe(0);
    deadlines.set(all[0]!, Infinity);
    expect(clock.pending).toBe(0);
  });
});
