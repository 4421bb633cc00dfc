import { equal, ok } from "node:assert/strict";
import { seededRandom } from "@dp/core";
import type { LimitAlgorithm, LimitBounds } from "../concurrency/limit.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Feeds the same sample over and over, with all of the limit or a share of it in flight. */
const feed = (
  algorithm: LimitAlgorithm,
  count: number,
  { rttMs = 10, dropped = false, used = 1 },
): void => {
  for (let sample = 0; sample < count; sample++) {
    const inFlight = Math.max(1, Math.floor(algorithm.limit * used));
    algorithm.sample({ rttMs, inFlight, dropped });
  }
};

/** What every limit algorithm owes a `concurrencyLimit`. `create` makes the algorithm under test within the bounds. */
export const limitSuite = (
  create: (bounds: LimitBounds) => LimitAlgorithm,
): SuiteCase[] => [
  {
    name: "begins at 20, or where it is told to",
    run: () => {
      equal(create({}).limit, 20);
      equal(create({ initial: 7 }).limit, 7);
      equal(create({ max: 5 }).limit, 5);
    },
  },
  {
    name: "grows to its maximum while all of it is used and calls stay quick",
    run: () => {
      const algorithm = create({ max: 60 });
      feed(algorithm, 2_000, {});
      equal(algorithm.limit, 60);
    },
  },
  {
    name: "does not grow while less than half of it is used",
    run: () => {
      const algorithm = create({});
      feed(algorithm, 2_000, { used: 0.4 });
      ok(algorithm.limit <= 20, `it has grown to ${algorithm.limit}`);
    },
  },
  {
    name: "falls to its minimum when everything is dropped",
    run: () => {
      const algorithm = create({ min: 2 });
      feed(algorithm, 500, { dropped: true });
      equal(algorithm.limit, 2);
    },
  },
  {
    name: "does not take timeouts, which all take the same time, for a steady service",
    run: () => {
      const algorithm = create({});
      feed(algorithm, 100, {});
      const before = algorithm.limit;
      for (let call = 0; call < 100; call++) {
        feed(algorithm, 1, { rttMs: 1_000, dropped: true });
        ok(algorithm.limit <= before, `it has grown to ${algorithm.limit}`);
      }
    },
  },
  {
    name: "comes back after everything was dropped",
    run: () => {
      const algorithm = create({ max: 50 });
      feed(algorithm, 500, { dropped: true });
      feed(algorithm, 5_000, {});
      equal(algorithm.limit, 50);
    },
  },
  {
    name: "stays a number within its bounds, whatever it is fed",
    run: () => {
      const random = seededRandom(7);
      const algorithm = create({ min: 3, max: 90 });
      for (let sample = 0; sample < 20_000; sample++) {
        algorithm.sample({
          rttMs: 10 ** (12 * random() - 6),
          inFlight: Math.ceil(100 * random()),
          dropped: random() < 0.2,
        });
        const { limit } = algorithm;
        ok(limit >= 3 && limit <= 90, `the limit is ${limit}`);
      }
    },
  },
];
