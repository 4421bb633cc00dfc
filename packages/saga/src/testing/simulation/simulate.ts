import { requireInteger, seededRandom } from "@dp/core";
import type { SagaDefinition } from "../../definition.ts";
import type { SagaState } from "../../journal.ts";
import { play, type Play } from "./play.ts";
import { randomFortune, type Troubles } from "./random-fortune.ts";
import { randomTrouble } from "./random-trouble.ts";
import { resolveTraits, type ParticipantTraits } from "./traits.ts";

export interface SimulateOptions<I = unknown> {
  /** How many worlds to play. One takes a few ms. */
  readonly seeds: number;
  /** The seed of the first; the others follow. @defaultValue 1 */
  readonly firstSeed?: number | undefined;
  /** The input of every run. */
  readonly input?: I | undefined;
  /** What the participants behind the steps are like, by step; all are good ones unless told. */
  readonly participants?:
    Readonly<Record<string, Partial<ParticipantTraits>>> | undefined;
  /** Kinds of trouble to switch off. @defaultValue all on */
  readonly faults?: Partial<Troubles> | undefined;
}

/** Something that must never happen, and how to see it again. */
export interface Violation {
  readonly seed: number;
  readonly what: string;
}

export interface SimulationSummary {
  readonly seeds: number;
  readonly runs: number;
  /** How the runs ended. */
  readonly states: Readonly<Partial<Record<SagaState, number>>>;
  /** Workers killed. */
  readonly deaths: number;
  /** Empty, if all is well. */
  readonly violations: readonly Violation[];
}

const runs = 2;

/** One world: the same for the same definition, options and seed, byte for byte. */
export const simulateSeed = (
  definition: SagaDefinition,
  seed: number,
  { input, participants = {}, faults = {} }: Omit<SimulateOptions, "seeds">,
): Promise<Play> => {
  const troubles: Troubles = {
    crashes: faults.crashes ?? true,
    store: faults.store ?? true,
    participants: faults.participants ?? true,
    cancels: faults.cancels ?? true,
  };
  const traits = new Map(
    definition.steps.map(({ name }) => [
      name,
      resolveTraits(participants[name]),
    ]),
  );
  const good = resolveTraits(undefined);
  return play({
    seed,
    definition,
    input: input ?? null,
    workers: 2,
    runs,
    traits: (step) => traits.get(step) ?? good,
    fortune: (world) => randomFortune(world.random, troubles),
    trouble: (cast) =>
      randomTrouble(cast, seededRandom(seed ^ 0x5bd1e995), troubles),
  });
};

/**
 * Plays a saga in many worlds in which everything goes wrong: two workers over one store are killed, suspended and
 * replaced at any point, the store fails or loses its answers, calls fail before or after they had their effect, come
 * late or are never answered, runs are cancelled and looked after by a person. The steps' own handlers are not called:
 * participants of the simulated world stand in for them, and `participants` says what they are like. Then it tells what
 * must never happen and did: a step that happened and was not undone, happened twice, or was undone in the wrong order.
 *
 * Takes a few ms a seed. Rejects with core's `SimulationError` if a world never comes to rest.
 */
export const simulate = async <I, R>(
  definition: SagaDefinition<I, R>,
  options: SimulateOptions<I>,
): Promise<SimulationSummary> => {
  const seeds = requireInteger("seeds", options.seeds, 1);
  const firstSeed = requireInteger("firstSeed", options.firstSeed ?? 1, 0);
  return summarize(seeds, firstSeed, (seed) =>
    simulateSeed(definition, seed, options),
  );
};

/** Plays a world a seed and adds up what became of them. */
export const summarize = async (
  seeds: number,
  firstSeed: number,
  playSeed: (seed: number) => Promise<Play>,
): Promise<SimulationSummary> => {
  const states: Partial<Record<SagaState, number>> = {};
  const violations: Violation[] = [];
  let deaths = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const played = await playSeed(seed);
    for (const state of played.states) states[state] = (states[state] ?? 0) + 1;
    for (const what of played.violations) violations.push({ seed, what });
    deaths += played.deaths;
  }
  return { seeds, runs: seeds * runs, states, deaths, violations };
};
