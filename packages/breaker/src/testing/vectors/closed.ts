import type { BreakerVector, VectorOptions } from "./vector.ts";

const rest = { openFor: 1_000, probes: 1, probeLease: 30_000 };

const half: VectorOptions = {
  trip: { failureRate: 0.5, window: 1_000, minimum: 4, buckets: 10 },
  ...rest,
};

/** When a closed circuit opens. */
export const closedVectors: readonly BreakerVector[] = [
  {
    name: "does not open before the minimum of results is there, whatever they are",
    options: half,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 3 },
      { atMs: 0, do: "state", expect: "closed" },
      { atMs: 0, do: "call", outcome: "failure" },
      { atMs: 0, do: "state", expect: "open" },
    ],
  },
  {
    name: "opens when the rate is exactly the threshold, and not below it",
    options: half,
    steps: [
      { atMs: 0, do: "call", outcome: "success", times: 3 },
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 0, do: "state", expect: "closed" },
      { atMs: 0, do: "call", outcome: "failure" },
      { atMs: 0, do: "state", expect: "open" },
    ],
  },
  {
    name: "decides after a success as well, because it may be the one that completes the minimum",
    options: half,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 3 },
      { atMs: 0, do: "call", outcome: "success" },
      { atMs: 0, do: "state", expect: "open" },
    ],
  },
  {
    name: "has forgotten old results after a time without calls",
    options: half,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 3 },
      { atMs: 3_600_000, do: "call", outcome: "failure" },
      { atMs: 3_600_000, do: "state", expect: "closed" },
      { atMs: 3_600_000, do: "call", outcome: "failure", times: 2 },
      { atMs: 3_600_000, do: "state", expect: "closed" },
      { atMs: 3_600_000, do: "call", outcome: "failure" },
      { atMs: 3_600_000, do: "state", expect: "open" },
    ],
  },
  {
    name: "lets a bucket go when the window has passed its beginning, and not before",
    options: half,
    steps: [
      { atMs: 50, do: "call", outcome: "failure", times: 2 },
      { atMs: 999, do: "call", outcome: "failure" },
      { atMs: 1_000, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "state", expect: "closed" },
      { atMs: 1_899, do: "call", outcome: "failure" },
      { atMs: 1_899, do: "state", expect: "open" },
    ],
  },
  {
    name: "counts the last results however far apart, if its trip does",
    options: { trip: { countRate: 0.5, last: 4, minimum: 2 }, ...rest },
    steps: [
      { atMs: 0, do: "call", outcome: "failure" },
      { atMs: 0, do: "state", expect: "closed" },
      { atMs: 86_400_000, do: "call", outcome: "success" },
      { atMs: 86_400_000, do: "state", expect: "open" },
    ],
  },
  {
    name: "starts a new row of failures after a success",
    options: { trip: { consecutive: 3 }, ...rest },
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 0, do: "call", outcome: "success" },
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 0, do: "state", expect: "closed" },
      { atMs: 0, do: "call", outcome: "failure" },
      { atMs: 0, do: "state", expect: "open" },
    ],
  },
  {
    name: "does not count ignored calls, nor those under way",
    options: half,
    steps: [
      { atMs: 0, do: "permit", id: "pending", expect: "granted" },
      { atMs: 0, do: "call", outcome: "failure", times: 3 },
      { atMs: 0, do: "call", outcome: "ignore", times: 5 },
      { atMs: 0, do: "state", expect: "closed" },
      { atMs: 10, do: "failure", id: "pending" },
      { atMs: 10, do: "state", expect: "open" },
    ],
  },
  {
    name: "takes the first result of a permit and no other",
    options: { trip: { consecutive: 2 }, ...rest },
    steps: [
      { atMs: 0, do: "permit", id: "once", expect: "granted" },
      { atMs: 0, do: "failure", id: "once" },
      { atMs: 0, do: "failure", id: "once" },
      { atMs: 0, do: "state", expect: "closed" },
      { atMs: 0, do: "success", id: "once" },
      { atMs: 0, do: "call", outcome: "failure" },
      { atMs: 0, do: "state", expect: "open" },
    ],
  },
  {
    name: "opens when calls under way become slow, without waiting for them to end",
    options: {
      trip: {
        ...{ slowRate: 1, over: 100, window: 1_000, minimum: 2 },
        ...{ buckets: 10, inFlight: true },
      },
      ...rest,
    },
    steps: [
      { atMs: 0, do: "permit", id: "one", expect: "granted" },
      { atMs: 50, do: "permit", id: "other", expect: "granted" },
      { atMs: 149, do: "state", expect: "closed" },
      { atMs: 150, do: "state", expect: "open" },
      { atMs: 1_149, do: "state", expect: "open" },
      { atMs: 1_150, do: "state", expect: "half-open" },
    ],
  },
];
