import { keyOf } from "../../keys.ts";
import type { Figures, Turn } from "../../turns.ts";
import { callNs, cpuNs, noopNs } from "./baseline.ts";
import type { Picker } from "./contestant.ts";

/**
 * Distinct keys, as texts of 20 characters: more than the caches of those hold that have one. In the order made, since
 * a key just read from a request is near too.
 */
const keyCount = 10_000;
const batch = 1_000;
/** Each: until what is slow at first has been compiled for all of them. */
const warmUpMs = 60;
const keys = Array.from({ length: keyCount }, (_, index) => keyOf(index));

/** Nanoseconds of CPU a pick takes, of as many as fit into so many milliseconds. */
const pickNs = (picker: Picker, forMs: number): number => {
  const before = cpuNs();
  let spentNs = 0;
  let picks = 0;
  let wrong = 0;
  while (spentNs < forMs * 1e6) {
    for (let index = 0; index < batch; index++) {
      const key = keys[(picks + index) % keyCount] ?? "";
      if (picker.use(key) === undefined) wrong++;
    }
    picks += batch;
    spentNs = cpuNs() - before;
  }
  if (wrong > 0) throw new Error(`${wrong} of ${picks} picks found nobody`);
  picker.check?.();
  return spentNs / picks;
};

/** Warms up, and gives the turns: a figure for each picker and those of the two calls they are compared with. */
export const speedOf = async (
  pickers: Readonly<Record<string, Picker>>,
  msPerFigure: number,
): Promise<Turn> => {
  const named = Object.entries(pickers);
  for (let lap = 0; lap < 2; lap++)
    for (const [, picker] of named) pickNs(picker, warmUpMs);
  await noopNs(warmUpMs);
  await callNs(warmUpMs);
  return async (): Promise<Figures> => {
    const noopBefore = await noopNs(msPerFigure);
    const figures = Object.fromEntries(
      named.map(([name, picker]) => [name, pickNs(picker, msPerFigure)]),
    );
    const call = await callNs(msPerFigure);
    const noopAfter = await noopNs(msPerFigure);
    return { ...figures, noop: (noopBefore + noopAfter) / 2, call };
  };
};
