import type { Random } from "@dp/core";
import type { Fate, Fortune } from "./fate.ts";

/** Which kinds of trouble a simulation knows. All of them unless switched off. */
export interface Troubles {
  /** Processes die, are suspended and are replaced. */
  readonly crashes: boolean;
  /** Store operations fail, before or after they were carried out. */
  readonly store: boolean;
  /** Calls fail in every way they can. */
  readonly participants: boolean;
  /** Runs are cancelled. */
  readonly cancels: boolean;
}

type Weights = readonly (readonly [Fate, number])[];

const executing: Weights = [
  ["rejected", 5],
  ["fatal", 2],
  ["fatal-after", 2],
  ["fails", 6],
  ["fails-after", 8],
  ["not-done", 5],
  ["retry-after", 2],
  ["slow", 4],
  ["lost", 4],
  ["dropped", 3],
];
const compensating: Weights = [
  ["fatal", 3],
  ["fails", 8],
  ["fails-after", 8],
  ["not-done", 3],
  ["slow", 4],
  ["lost", 3],
  ["dropped", 2],
];
const finding: Weights = [
  ["fails", 8],
  ["slow", 3],
  ["dropped", 2],
];

/** Everything goes wrong now and then; some worlds are worse than others. */
export const randomFortune = (random: Random, troubles: Troubles): Fortune => {
  const severity = [0.2, 0.6, 1.5][Math.floor(random() * 3)] ?? 1;
  const chance = (probability: number): boolean => random() < probability;
  const draw = (weights: Weights): Fate => {
    if (!troubles.participants) return "ok";
    let left = (random() * 100) / severity;
    for (const [fate, weight] of weights) {
      left -= weight;
      if (left < 0) return fate;
    }
    return "ok";
  };
  return {
    chance,
    travelMs: () => (chance(0.5) ? 0 : Math.floor(random() * 40)),
    fate: (handler) =>
      draw(
        handler === "execute"
          ? executing
          : handler === "find"
            ? finding
            : compensating,
      ),
    store: () => {
      if (!troubles.store || !chance(0.03 * severity)) return undefined;
      return chance(0.5) ? "before" : "after";
    },
    dies: () => troubles.crashes && chance(0.012 * severity),
  };
};
