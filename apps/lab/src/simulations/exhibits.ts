import { adaptiveLimit } from "./adaptive-limit/exhibit.ts";
import { backoffJitter } from "./backoff-jitter/exhibit.ts";
import type { Exhibit } from "./exhibit.ts";
import { halfOpenStampede } from "./half-open-stampede/exhibit.ts";
import { hedgedTails } from "./hedging/exhibit.ts";
import { metastableOutage } from "./metastable/exhibit.ts";
import { retryBudgets } from "./retry-budget/exhibit.ts";
import { adaptiveThrottle } from "./throttle/exhibit.ts";
import { windowErrorTable } from "./window-error/exhibit.ts";

const simulations: readonly (() => Exhibit | Promise<Exhibit>)[] = [
  backoffJitter,
  retryBudgets,
  metastableOutage,
  halfOpenStampede,
  adaptiveThrottle,
  hedgedTails,
  adaptiveLimit,
  windowErrorTable,
];

/** Runs all simulations, in the order of the README. */
export const runAll = async (): Promise<readonly Exhibit[]> => {
  const exhibits: Exhibit[] = [];
  for (const simulation of simulations) exhibits.push(await simulation());
  return exhibits;
};
