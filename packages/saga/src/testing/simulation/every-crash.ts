import type { SagaDefinition } from "../../definition.ts";
import type { Fate, Fortune } from "./fate.ts";
import { play, type Play } from "./play.ts";
import { resolveTraits, type ParticipantTraits } from "./traits.ts";

export interface EveryCrashOptions<I = unknown> {
  readonly input?: I | undefined;
  /** What the participants behind the steps are like, by step; all are good ones unless told. */
  readonly participants?:
    Readonly<Record<string, Partial<ParticipantTraits>>> | undefined;
  /** What becomes of a step's calls, by `<handler> <step>`, one after the other; `ok` after the last. */
  readonly fates?: Readonly<Record<string, readonly Fate[]>> | undefined;
  /** How many times the process dies in one world, at most. @defaultValue 2 */
  readonly crashes?: 1 | 2 | undefined;
}

/** Something that must never happen, and where the process was killed before it did. */
export interface CrashViolation {
  readonly what: string;
  /** `append r1 ok charge, intent ship answered`: the points at which the process died. */
  readonly killedAt: readonly string[];
}

export interface EveryCrashSummary {
  /** Points at which the process could die when it does not. */
  readonly points: number;
  /** Worlds played. */
  readonly worlds: number;
  readonly violations: readonly CrashViolation[];
}

/**
 * Plays one run of the saga again and again, killing its process at another point each time: before and after every
 * operation of the store and every call of a participant, each single one and each pair. The process is started again
 * and goes on with what is durable. Participants stand in for the steps' handlers as in `simulate`.
 *
 * A saga of three steps has some forty points, so about a thousand worlds and a second.
 */
export const simulateEveryCrash = async <I, R>(
  definition: SagaDefinition<I, R>,
  options: EveryCrashOptions<I> = {},
): Promise<EveryCrashSummary> => {
  const violations: CrashViolation[] = [];
  let worlds = 0;
  const playWith = async (crashes: readonly number[]): Promise<number> => {
    const passed: string[] = [];
    const { violations: found } = await playOnce(
      definition,
      options,
      crashes,
      passed,
    );
    worlds++;
    const killedAt = crashes.map((at) => passed[at] ?? "never");
    for (const what of found) violations.push({ what, killedAt });
    return passed.length;
  };
  const points = await playWith([]);
  for (let first = 0; first < points; first++) {
    const pointsAfter = await playWith([first]);
    if (options.crashes === 1) continue;
    for (let second = first + 1; second < pointsAfter; second++)
      await playWith([first, second]);
  }
  return { points, worlds, violations };
};

const playOnce = (
  definition: SagaDefinition,
  { input, participants = {}, fates = {} }: EveryCrashOptions,
  crashes: readonly number[],
  passed: string[],
): Promise<Play> => {
  const left = new Map(
    Object.entries(fates).map(([call, list]) => [call, [...list]]),
  );
  const fortune: Fortune = {
    chance: () => false,
    travelMs: () => 0,
    store: () => undefined,
    fate: (handler, step) => left.get(`${handler} ${step}`)?.shift() ?? "ok",
    dies: (point) => crashes.includes(passed.push(point) - 1),
  };
  return play({
    seed: 1,
    definition,
    input: input ?? null,
    workers: 1,
    runs: 1,
    traits: (step) => resolveTraits(participants[step]),
    fortune: () => fortune,
    // Nothing goes wrong in the end, so the end must not come before the run's.
    trouble: ({ world }) => world.clock.sleep(crashableMs),
  });
};

/** Longer than the runs this is for take. */
const crashableMs = 5_000;
