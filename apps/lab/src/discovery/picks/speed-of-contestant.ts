import { named } from "../../table.ts";
import type { Turn } from "../../turns.ts";
import { balancers } from "./balancers.ts";
import type { Picker } from "./contestant.ts";
import { contestants } from "./contestants.ts";
import { checkCoverage } from "./coverage.ts";
import { alone, sizes } from "./ours.ts";
import { speedOf } from "./speed.ts";

/** Checks that all are picked, then measures: `pick<size>`. */
export const speedOfContestant = async (
  name: string,
  msPerFigure: number,
): Promise<Turn> => {
  const contestant = named(contestants, name);
  const pickers: Record<string, Picker> = {};
  for (const size of contestant.sizes) {
    if (size <= 1_000) await checkCoverage(contestant, size);
    pickers[`pick${size}`] = await contestant.create(size);
  }
  return speedOf(pickers, msPerFigure);
};

/** A balancer of ours without a view, in a process where there is none: `alone<size>`. */
export const speedAlone = (
  name: string,
  msPerFigure: number,
): Promise<Turn> => {
  const own = named(balancers, name);
  const pickers = sizes.map((size) => [`alone${size}`, alone(own, size)]);
  return speedOf(
    Object.fromEntries(pickers) as Record<string, Picker>,
    msPerFigure,
  );
};
