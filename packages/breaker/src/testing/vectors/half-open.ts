import type { BreakerVector, VectorOptions } from "./vector.ts";

const options: VectorOptions = {
  trip: { consecutive: 2 },
  openFor: 1_000,
  probes: 2,
  probeLease: 5_000,
};

/** How a half-open circuit decides. */
export const halfOpenVectors: readonly BreakerVector[] = [
  {
    name: "lets as many probes through as must succeed, in total and not at a time",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "permit", id: "one", expect: "granted" },
      { atMs: 1_000, do: "permit", id: "other", expect: "granted" },
      { atMs: 1_000, do: "refusals", times: 3 },
      { atMs: 1_010, do: "success", id: "one" },
      { atMs: 1_010, do: "refusals", times: 3 },
      { atMs: 1_010, do: "state", expect: "half-open" },
      { atMs: 1_020, do: "success", id: "other" },
      { atMs: 1_020, do: "state", expect: "closed" },
    ],
  },
  {
    name: "opens at the first failed probe, for a whole break, whatever the others come to",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_500, do: "permit", id: "bad", expect: "granted" },
      { atMs: 1_500, do: "permit", id: "good", expect: "granted" },
      { atMs: 1_600, do: "failure", id: "bad" },
      { atMs: 1_600, do: "state", expect: "open" },
      { atMs: 1_700, do: "success", id: "good" },
      { atMs: 2_599, do: "state", expect: "open" },
      { atMs: 2_600, do: "call", outcome: "success" },
      { atMs: 2_600, do: "state", expect: "half-open" },
      { atMs: 2_600, do: "call", outcome: "success" },
      { atMs: 2_600, do: "state", expect: "closed" },
    ],
  },
  {
    name: "gives the place of an ignored probe to another, and learns nothing from it",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "call", outcome: "ignore", times: 10 },
      { atMs: 1_000, do: "state", expect: "half-open" },
      { atMs: 1_000, do: "permit", id: "one", expect: "granted" },
      { atMs: 1_000, do: "permit", id: "other", expect: "granted" },
      { atMs: 1_000, do: "refusals", times: 1 },
      { atMs: 1_000, do: "ignore", id: "one" },
      { atMs: 1_000, do: "call", outcome: "success" },
      { atMs: 1_000, do: "state", expect: "half-open" },
      { atMs: 1_000, do: "success", id: "other" },
      { atMs: 1_000, do: "state", expect: "closed" },
    ],
  },
  {
    name: "takes a probe for failed whose lease runs out, from that moment on",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "permit", id: "hangs", expect: "granted" },
      { atMs: 5_999, do: "state", expect: "half-open" },
      { atMs: 6_500, do: "success", id: "hangs" },
      { atMs: 6_500, do: "state", expect: "open" },
      { atMs: 6_999, do: "refusals", times: 1 },
      { atMs: 7_000, do: "state", expect: "half-open" },
      { atMs: 7_000, do: "call", outcome: "success", times: 2 },
      { atMs: 7_000, do: "state", expect: "closed" },
    ],
  },
  {
    name: "does not take a result of an earlier round for a probe's",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "permit", id: "slow", expect: "granted" },
      { atMs: 1_000, do: "call", outcome: "failure" },
      { atMs: 2_000, do: "call", outcome: "success" },
      { atMs: 2_000, do: "success", id: "slow" },
      { atMs: 2_000, do: "state", expect: "half-open" },
      { atMs: 2_000, do: "permit", id: "last", expect: "granted" },
      { atMs: 2_000, do: "refusals", times: 1 },
    ],
  },
  {
    name: "closes with an empty window and, without a ramp, for all calls at once",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "call", outcome: "success", times: 2 },
      { atMs: 1_000, do: "call", outcome: "failure" },
      { atMs: 1_000, do: "state", expect: "closed" },
      { atMs: 1_000, do: "call", outcome: "success", times: 50 },
      { atMs: 1_000, do: "state", expect: "closed" },
    ],
  },
  {
    name: "closes for a tenth of the calls with a ramp, and for all when that is over",
    options: { ...options, ramp: { over: 1_000 } },
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "call", outcome: "success", times: 2 },
      { atMs: 1_000, do: "state", expect: "closed" },
      { atMs: 1_000, do: "refusals", times: 9 },
      { atMs: 1_999, do: "state", expect: "closed" },
      { atMs: 2_000, do: "call", outcome: "success", times: 50 },
    ],
  },
];
