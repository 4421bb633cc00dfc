import { deepEqual, equal, ok } from "node:assert/strict";
import type { Trip, TripWindow } from "../trip/trip.ts";
import type { SuiteCase } from "./suite-case.ts";

const dayMs = 86_400_000;

const fresh = (create: () => Trip, now = 0): TripWindow => {
  const window = create().create();
  window.reset(now);
  return window;
};

const empty = { total: 0, successes: 0, failures: 0 };

/** Feeds failures at one moment until the window trips, and says how many that took. */
const failUntilTripped = (window: TripWindow, now: number): number => {
  for (let count = 1; count <= 100_000; count++)
    if (window.failure(now, 0)) return count;
  throw new Error("100000 failures in a row do not trip it");
};

/**
 * What every trip owes the circuit. `create` makes the trip under test; it must be one that enough failures in a row
 * at one moment trip.
 */
export const tripSuite = (create: () => Trip): SuiteCase[] => [
  {
    name: "remembers nothing at first",
    run: () => deepEqual(fresh(create).counts(0), empty),
  },
  {
    name: "trips when everything fails",
    run: () => void failUntilTripped(fresh(create), 0),
  },
  {
    name: "is not tripped by successes that take no time",
    run: () => {
      const window = fresh(create);
      for (let count = 0; count < 1_000; count++)
        ok(!window.success(count, 0), `success ${count} trips it`);
    },
  },
  {
    name: "keeps the windows it makes apart",
    run: () => {
      const trip = create();
      const [one, other] = [trip.create(), trip.create()];
      one.reset(0);
      other.reset(0);
      failUntilTripped(one, 0);
      deepEqual(other.counts(0), empty);
    },
  },
  {
    name: "forgets everything when reset",
    run: () => {
      const window = fresh(create);
      const needed = failUntilTripped(window, 5);
      window.reset(5);
      deepEqual(window.counts(5), empty);
      equal(failUntilTripped(window, 5), needed);
    },
  },
  {
    name: "counts up to a total of successes and failures",
    run: () => {
      const window = fresh(create);
      for (let now = 0; now < 5_000; now += 7) {
        if (now % 3 === 0) window.failure(now, 1);
        else window.success(now, 1);
        const { total, successes, failures } = window.counts(now);
        equal(total, successes + failures);
        ok(successes >= 0 && failures >= 0);
      }
    },
  },
  {
    name: "works when the clock stands still",
    run: () => {
      const window = fresh(create, dayMs);
      failUntilTripped(window, dayMs);
      ok(window.counts(dayMs).failures > 0);
    },
  },
  {
    name: "works after the clock has jumped by years",
    run: () => {
      const window = fresh(create);
      window.success(0, 1);
      const now = 3_650 * dayMs;
      window.success(now, 1);
      const { total } = window.counts(now);
      ok(total === 1 || total === 2);
      failUntilTripped(window, now);
    },
  },
  {
    name: "has counts that reading does not change",
    run: () => {
      const window = fresh(create);
      window.failure(0, 1);
      window.success(1, 1);
      deepEqual(window.counts(2), window.counts(2));
    },
  },
  {
    name: "goes on in another window from what it saved as JSON, if it saves",
    run: () => {
      const window = fresh(create);
      if (window.save === undefined) return;
      for (let count = 0; count < 3; count++) window.success(count, 1);
      window.failure(3, 1);
      const saved: unknown = JSON.parse(JSON.stringify(window.save(3)));
      const other = fresh(create);
      other.failure(3, 1);
      other.load?.(saved, 3, 0);
      deepEqual(other.counts(3), window.counts(3));
      equal(failUntilTripped(other, 3), failUntilTripped(window, 3));
    },
  },
  {
    name: "remembers nothing instead of rubbish that it is told to go on from",
    run: () => {
      const window = fresh(create);
      for (const rubbish of [undefined, null, -1, "x?", [1], { results: 5 }]) {
        window.failure(0, 1);
        if (window.load === undefined) return;
        window.load(rubbish, 0, 0);
        deepEqual(window.counts(0), empty);
      }
    },
  },
];
