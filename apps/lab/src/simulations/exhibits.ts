import { backoffJitter } from "./backoff-jitter/exhibit.ts";
import type { Exhibit } from "./exhibit.ts";

/** All simulations, in the order of the README. */
export const exhibits: readonly (() => Exhibit | Promise<Exhibit>)[] = [
  backoffJitter,
];
