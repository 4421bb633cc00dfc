import { keyOf } from "../../keys.ts";
import type { Figures, Turn } from "../../turns.ts";
import { callNs, cpuNs, noopNs } from "./baseline.ts";
import type { Picker } from "./contestant.ts";

/**
 * Distinct keys, as texts of 20 characters: more than the caches of those hold that have one. In the order made, since
 * a key just read from a request is near too.
 */
const keyCount = 10_000;
/** Each: until what is slow at first has been compiled for all of them. */
const warmUpMs = 100;
const keys = Array.from({ length: keyCount }, (_, index) => keyOf(index));

/** What the loop takes by itself. */
const idle: Picker = { use: (key) => key };

/** Nanoseconds of CPU a pick and the loop around it take, of as many as fit into so many milliseconds. */
const pickNs = (picker: Picker, forMs: number): number => {
  const before = cpuNs();
  let spentNs = 0;
  let picks = 0;
  let wrong = 0;
  while (spentNs < forMs * 1e6) {
    for (let index = 0; index < keyCount; index++)
      if (picker.use(keys[index] ?? "") === undefined) wrong++;
    picks += keyCount;
    spentNs = cpuNs() - before;
  }
  if (wrong > 0) throw new Error(`${wrong} of ${picks} picks found nobody`);
  picker.check?.();
  return spentNs / picks;
};

/**
 * Warms up, and gives the turns: a figure for each picker, less what the loop takes with one that does nothing, and
 * those of the two calls they are compared with.
 */
export const speedOf = async (
  pickers: Readonly<Record<string, Picker>>,
  msPerFigure: number,
): Promise<Turn> => {
  const named = Object.entries(pickers);
  for (let lap = 0; lap < 2; lap++)
    for (const picker of [...Object.values(pickers), idle])
      pickNs(picker, warmUpMs);
  await noopNs(warmUpMs);
  await callNs(warmUpMs);
  return async (): Promise<Figures> => {
    const noopBefore = await noopNs(msPerFigure);
    const loopNs = pickNs(idle, msPerFigure);
    const figures = Object.fromEntries(
      named.map(([name, picker]) => [
        name,
        pickNs(picker, msPerFigure) - loopNs,
      ]),
    );
    const call = await callNs(msPerFigure);
    const noopAfter = await noopNs(msPerFigure);
    return { ...figures, noop: (noopBefore + noopAfter) / 2, call };
  };
};
