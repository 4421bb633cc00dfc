import { adaptiveLimit } from "./adaptive-limit/exhibit.ts";
import { backoffJitter } from "./backoff-jitter/exhibit.ts";
import { boundedLoads } from "./bounded-load/exhibit.ts";
import { hashMoves, ringShares } from "./consistent-hash/exhibit.ts";
import type { Exhibit } from "./exhibit.ts";
import { halfOpenStampede } from "./half-open-stampede/exhibit.ts";
import { hedgedTails } from "./hedging/exhibit.ts";
import { metastableOutage } from "./metastable/exhibit.ts";
import { retryBudgets } from "./retry-budget/exhibit.ts";
import { slowInstances } from "./slow-instance/exhibit.ts";
import { slowStarts } from "./slow-start/exhibit.ts";
import { subsettings } from "./subsetting/exhibit.ts";
import { adaptiveThrottle } from "./throttle/exhibit.ts";
import { twoChoices } from "./two-choices/exhibit.ts";
import { unevenServerTails } from "./uneven-servers/exhibit.ts";
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
  twoChoices,
  slowInstances,
  unevenServerTails,
  slowStarts,
  hashMoves,
  ringShares,
  boundedLoads,
  subsettings,
];

/** Runs all simulations, in the order of the README. */
export const runAll = async (): Promise<readonly Exhibit[]> => {
  const exhibits: Exhibit[] = [];
  for (const simulation of simulations) exhibits.push(await simulation());
  return exhibits;
};
