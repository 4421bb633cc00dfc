import type { Bound } from "../bounds.ts";

const pick = (row: string, size: number): { row: string; figure: string } => ({
  row,
  figure: `pick${size}`,
});

/** The call of an application that picks are measured against; its definition is in `picks/baseline.ts`. */
const call = (row: string): { row: string; figure: string } => ({
  row,
  figure: "call",
});

export const pickBounds: readonly Bound[] = [
  {
    what: "powerOfTwo, 1,000 instances, x an awaited call",
    of: pick("powerOfTwo", 1_000),
    against: call("powerOfTwo"),
    most: 0.85,
  },
  {
    what: "maglev with a key, 1,000 instances, x an awaited call",
    of: pick("maglev", 1_000),
    against: call("maglev"),
    most: 0.7,
  },
  {
    what: "powerOfTwo, 1,000 instances, x a bare `await noop()`",
    of: pick("powerOfTwo", 1_000),
    against: { row: "powerOfTwo", figure: "noop" },
    most: 0.85,
  },
  {
    what: "maglev with a key, 1,000 instances, x a bare `await noop()`",
    of: pick("maglev", 1_000),
    against: { row: "maglev", figure: "noop" },
    most: 0.7,
  },
  // What is left is memory: 10,000 instances do not fit into the caches near a core.
  ...["roundRobin", "random", "powerOfTwo", "maglev"].flatMap((row) =>
    [1_000, 10_000].map((size) => ({
      what: `${row}, ${size.toLocaleString("en")} instances, x 10 instances`,
      of: pick(row, size),
      against: pick(row, 10),
      most: 1.3,
    })),
  ),
];
