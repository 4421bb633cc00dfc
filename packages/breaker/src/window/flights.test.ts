import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Flights, type Flight } from "./flights.ts";

const overMs = 100;

/** Takes note of all that are overdue at `now`. */
const markUntil = (flights: Flights, now: number): void => {
  while (flights.nextDueMs <= now) flights.markNext();
};

describe("the calls under way", () => {
  it("are overdue as a list of them says, whoever ends first", () => {
    const step = fc.record({
      byMs: fc.integer({ min: 0, max: 60 }),
      end: fc.option(fc.nat(9), { nil: undefined }),
      begin: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const flights = new Flights(overMs);
        const all: { beganMs: number; flight: Flight }[] = [];
        let now = 0;
        for (const { byMs, end, begin } of steps) {
          now += byMs;
          markUntil(flights, now);
          if (begin) all.push({ beganMs: now, flight: flights.begin(now) });
          if (end !== undefined && all.length > 0) {
            const [ended] = all.splice(end % all.length, 1);
            if (ended !== undefined) flights.end(ended.flight);
          }
          const began = all.map(({ beganMs }) => beganMs);
          const inTime = began.filter((beganMs) => now - beganMs < overMs);
          expect(flights.overdue).toBe(began.length - inTime.length);
          expect(flights.nextDueMs).toBe(Math.min(...inTime) + overMs);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("are none after they were cleared", () => {
    const flights = new Flights(overMs);
    flights.begin(0);
    markUntil(flights, 200);
    flights.clear();
    expect([flights.overdue, flights.nextDueMs]).toEqual([0, Infinity]);
  });
});
