import { named } from "../../table.ts";
import type { Turn } from "../../turns.ts";
import { balancers } from "./balancers.ts";
import type { Picker } from "./contestant.ts";
import { contestants } from "./contestants.ts";
import { checkCoverage } from "./coverage.ts";
import { alone } from "./ours.ts";
import { speedOf } from "./speed.ts";

/** Checks that all are picked, then measures: `pick<size>`, and for ours without a view `alone<size>`. */
export const speedOfContestant = async (
  name: string,
  msPerFigure: number,
): Promise<Turn> => {
  const contestant = named(contestants, name);
  const own = balancers.find((each) => each.name === name);
  const pickers: Record<string, Picker> = {};
  for (const size of contestant.sizes) {
    if (size <= 1_000) await checkCoverage(contestant, size);
    pickers[`pick${size}`] = await contestant.create(size);
    if (own !== undefined) pickers[`alone${size}`] = alone(own, size);
  }
  return speedOf(pickers, msPerFigure);
};
