import { seededRandom } from "@dp/core";
import type { Play } from "../../src/testing/simulation/play.ts";
import {
  simulateSeed,
  summarize,
  type SimulationSummary,
} from "../../src/testing/simulation/simulate.ts";
import { randomSaga } from "./random-saga.ts";

/** The world of this seed, with a saga of its own. */
export const playSeed = (seed: number): Promise<Play> =>
  simulateSeed(randomSaga(seededRandom(seed)), seed, {});

export const simulateRandomSagas = (
  seeds: number,
  firstSeed: number,
): Promise<SimulationSummary> => summarize(seeds, firstSeed, playSeed);
