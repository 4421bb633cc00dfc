import { byHandVectors } from "./by-hand.ts";
import { closedVectors } from "./closed.ts";
import { halfOpenVectors } from "./half-open.ts";
import { openVectors } from "./open.ts";
import type { BreakerVector } from "./vector.ts";

/**
 * What a circuit breaker has to do, step by step and as plain data: `JSON.stringify(breakerVectors)` is a file that
 * implementations in other languages can be tested with. `vectorSuite` runs them in this one.
 */
export const breakerVectors: readonly BreakerVector[] = [
  ...closedVectors,
  ...openVectors,
  ...halfOpenVectors,
  ...byHandVectors,
];
