import type { BreakerVector, VectorOptions } from "./vector.ts";

const options: VectorOptions = {
  trip: { consecutive: 2 },
  openFor: 1_000,
  probes: 1,
  probeLease: 30_000,
};

const growing: VectorOptions = {
  ...options,
  openFor: {
    exponential: { initial: 1_000, factor: 2, max: 4_000, jitter: "none" },
  },
};

/** What an open circuit does, and how long it is one. */
export const openVectors: readonly BreakerVector[] = [
  {
    name: "refuses every call until its break is over",
    options,
    steps: [
      { atMs: 5, do: "call", outcome: "failure", times: 2 },
      { atMs: 5, do: "refusals", times: 3 },
      { atMs: 1_004, do: "refusals", times: 3 },
      { atMs: 1_004, do: "state", expect: "open" },
      { atMs: 1_005, do: "state", expect: "half-open" },
      { atMs: 1_005, do: "call", outcome: "success" },
      { atMs: 1_005, do: "state", expect: "closed" },
    ],
  },
  {
    name: "is not touched by results of calls from before it opened",
    options,
    steps: [
      { atMs: 0, do: "permit", id: "good", expect: "granted" },
      { atMs: 0, do: "permit", id: "bad", expect: "granted" },
      { atMs: 0, do: "permit", id: "worse", expect: "granted" },
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 500, do: "success", id: "good" },
      { atMs: 500, do: "state", expect: "open" },
      { atMs: 1_000, do: "state", expect: "half-open" },
      { atMs: 1_000, do: "failure", id: "bad" },
      { atMs: 1_000, do: "state", expect: "half-open" },
      { atMs: 1_000, do: "call", outcome: "success" },
      { atMs: 1_000, do: "state", expect: "closed" },
      { atMs: 1_000, do: "failure", id: "worse" },
      { atMs: 1_000, do: "call", outcome: "failure" },
      { atMs: 1_000, do: "state", expect: "closed" },
    ],
  },
  {
    name: "stays open longer after each failed probe, up to the longest break",
    options: growing,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 999, do: "state", expect: "open" },
      { atMs: 1_000, do: "call", outcome: "failure" },
      { atMs: 2_999, do: "state", expect: "open" },
      { atMs: 3_000, do: "call", outcome: "failure" },
      { atMs: 6_999, do: "state", expect: "open" },
      { atMs: 7_000, do: "call", outcome: "failure" },
      { atMs: 10_999, do: "state", expect: "open" },
      { atMs: 11_000, do: "state", expect: "half-open" },
    ],
  },
  {
    name: "forgets one break for each time that it stays closed as long as the last one lasted",
    options: growing,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "call", outcome: "failure" },
      { atMs: 3_000, do: "call", outcome: "success" },
      { atMs: 4_999, do: "call", outcome: "failure", times: 2 },
      { atMs: 8_998, do: "state", expect: "open" },
      { atMs: 8_999, do: "call", outcome: "success" },
      { atMs: 16_999, do: "call", outcome: "failure", times: 2 },
      { atMs: 18_998, do: "state", expect: "open" },
      { atMs: 18_999, do: "state", expect: "half-open" },
    ],
  },
];
