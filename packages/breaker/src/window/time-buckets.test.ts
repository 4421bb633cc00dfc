import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TimeBuckets } from "./time-buckets.ts";

describe("time buckets", () => {
  it("hold what a list of all events filtered by bucket holds, whatever time does", () => {
    const step = fc.record({
      // Back, standing still, within the window, just past it, far past it.
      byMs: fc.oneof(
        fc.integer({ min: -300, max: 300 }),
        fc.constantFrom(0, 1_000, 86_400_000),
        fc.double({ min: 0, max: 500, noNaN: true }),
      ),
      add: fc.constantFrom("first", "second", "nothing", "take back"),
      which: fc.nat(10),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 7, 10),
        fc.constantFrom(100, 1_000, 333),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.array(step, { maxLength: 60 }),
        (buckets, windowMs, startMs, steps) => {
          const counted = new TimeBuckets(windowMs, buckets);
          counted.clear(startMs);
          const bucketOf = (ms: number): number =>
            Math.floor(ms / (windowMs / buckets));
          const events: { bucket: number; first: boolean }[] = [];
          let now = startMs;
          let newest = bucketOf(now);
          for (const { byMs, add, which } of steps) {
            now = Math.max(0, now + byMs);
            newest = Math.max(newest, bucketOf(now));
            if (add === "first") {
              expect(counted.addFirst(now)).toBe(newest);
              events.push({ bucket: newest, first: true });
            } else if (add === "second") {
              counted.addSecond(now);
              events.push({ bucket: newest, first: false });
            } else if (add === "take back") {
              const firsts = events.filter((event) => event.first);
              const gone = firsts[which];
              if (gone !== undefined) {
                counted.removeFirst(gone.bucket);
                events.splice(events.indexOf(gone), 1);
              }
            }
            counted.advance(now);
            const held = events.filter(
              (event) => event.bucket > newest - buckets,
            );
            const firsts = held.filter((event) => event.first).length;
            expect([counted.firsts, counted.seconds]).toEqual([
              firsts,
              held.length - firsts,
            ]);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("forget everything when cleared, also when that sets the time back", () => {
    const counted = new TimeBuckets(100, 10);
    counted.addFirst(86_400_000);
    counted.clear(50);
    expect(counted.firsts).toBe(0);
    counted.addSecond(60);
    counted.advance(149);
    expect(counted.seconds).toBe(1);
    counted.advance(160);
    expect(counted.seconds).toBe(0);
  });

  it("go on from what others have saved, as much later as that was", () => {
    const event = fc.record({
      byMs: fc.integer({ min: 0, max: 60 }),
      first: fc.boolean(),
    });
    const events = fc.array(event, { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.constantFrom(1, 3, 10),
        events,
        fc.integer({ min: 0, max: 40 }),
        events,
        (buckets, before, agoBuckets, after) => {
          const windowMs = 30 * buckets;
          const saved = new TimeBuckets(windowMs, buckets);
          const loaded = new TimeBuckets(windowMs, buckets);
          loaded.addFirst(500);
          let now = 0;
          const add = (each: TimeBuckets, first: boolean): void => {
            if (first) each.addFirst(now);
            else each.addSecond(now);
          };
          for (const { byMs, first } of before) {
            now += byMs;
            add(saved, first);
          }
          const json = JSON.stringify(saved.save(now));
          now += agoBuckets * 30;
          loaded.load(JSON.parse(json), now, agoBuckets * 30);
          for (const { byMs, first } of after) {
            now += byMs;
            add(saved, first);
            add(loaded, first);
          }
          expect(loaded.save(now)).toEqual(saved.save(now));
          expect([loaded.firsts, loaded.seconds]).toEqual([
            saved.firsts,
            saved.seconds,
          ]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("take rubbish for nothing", () => {
    const counted = new TimeBuckets(100, 2);
    for (const rubbish of [
      undefined,
      null,
      "1,2",
      [1],
      [1, -1],
      [1, "2"],
      [1, 0.5],
      [1, 1, 1, 1, 1, 1],
    ]) {
      counted.addFirst(0);
      counted.load(rubbish, 0, 0);
      expect(counted.save(0)).toEqual([0, 0, 0, 0]);
    }
  });
});
