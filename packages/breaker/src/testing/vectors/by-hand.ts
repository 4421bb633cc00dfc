import type { BreakerVector, VectorOptions } from "./vector.ts";

const options: VectorOptions = {
  trip: { consecutive: 2 },
  openFor: 1_000,
  probes: 2,
  probeLease: 5_000,
};

/** What people do to a circuit. */
export const byHandVectors: readonly BreakerVector[] = [
  {
    name: "refuses everything while anybody isolates it, and forgets what came before",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure" },
      { atMs: 0, do: "permit", id: "late", expect: "granted" },
      { atMs: 0, do: "isolate", id: "ann" },
      { atMs: 0, do: "isolate", id: "ben" },
      { atMs: 0, do: "state", expect: "isolated" },
      { atMs: 0, do: "refusals", times: 2 },
      { atMs: 10, do: "release", id: "ann" },
      { atMs: 10, do: "release", id: "ann" },
      { atMs: 10, do: "state", expect: "isolated" },
      { atMs: 20, do: "release", id: "ben" },
      { atMs: 20, do: "state", expect: "closed" },
      { atMs: 20, do: "failure", id: "late" },
      { atMs: 20, do: "call", outcome: "failure" },
      { atMs: 20, do: "state", expect: "closed" },
    ],
  },
  {
    name: "goes on with its break under an isolation",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 100, do: "isolate", id: "ann" },
      { atMs: 600, do: "release", id: "ann" },
      { atMs: 600, do: "state", expect: "open" },
      { atMs: 700, do: "isolate", id: "ben" },
      { atMs: 5_000, do: "refusals", times: 1 },
      { atMs: 5_000, do: "state", expect: "isolated" },
      { atMs: 5_000, do: "release", id: "ben" },
      { atMs: 5_000, do: "state", expect: "half-open" },
    ],
  },
  {
    name: "has all its probes again after an isolation",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 1_000, do: "permit", id: "late", expect: "granted" },
      { atMs: 1_000, do: "isolate", id: "ann" },
      { atMs: 1_000, do: "release", id: "ann" },
      { atMs: 1_000, do: "failure", id: "late" },
      { atMs: 1_000, do: "state", expect: "half-open" },
      { atMs: 1_000, do: "call", outcome: "success", times: 2 },
      { atMs: 1_000, do: "state", expect: "closed" },
    ],
  },
  {
    name: "closes and forgets all results when it is reset, also those of calls under way",
    options,
    steps: [
      { atMs: 0, do: "permit", id: "late", expect: "granted" },
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 10, do: "reset" },
      { atMs: 10, do: "state", expect: "closed" },
      { atMs: 10, do: "failure", id: "late" },
      { atMs: 10, do: "call", outcome: "failure" },
      { atMs: 10, do: "state", expect: "closed" },
      { atMs: 10, do: "reset" },
      { atMs: 10, do: "call", outcome: "failure" },
      { atMs: 10, do: "state", expect: "closed" },
    ],
  },
  {
    name: "stays isolated when it is reset, and is closed below",
    options,
    steps: [
      { atMs: 0, do: "call", outcome: "failure", times: 2 },
      { atMs: 0, do: "isolate", id: "ann" },
      { atMs: 0, do: "reset" },
      { atMs: 0, do: "state", expect: "isolated" },
      { atMs: 0, do: "release", id: "ann" },
      { atMs: 0, do: "state", expect: "closed" },
    ],
  },
];
