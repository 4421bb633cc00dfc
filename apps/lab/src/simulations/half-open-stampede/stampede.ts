import { breaker, consecutive, type Permit } from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { Timeline } from "../timeline.ts";
import { ColdService } from "./cold-service.ts";
import { uncappedBreaker } from "./uncapped-breaker.ts";

const callsPerSecond = 1_000;
const openForMs = 5_000;
/** When the service comes back for the first time, and when the run is over. */
const upAtMs = 12_000;
const endMs = 60_000;

interface Guard {
  tryPermit(): Permit | undefined;
}

const shared = { trip: consecutive(5), openFor: openForMs } as const;

/** What stands between the callers and the service. */
export const guards = {
  uncapped: (timeline: Timeline) => uncappedBreaker(timeline, openForMs),
  "3 probes": (timeline: Timeline) =>
    breaker({ ...shared, probes: 3, clock: timeline }),
  "3 probes and a ramp of 20 s": (timeline: Timeline, seed: number) =>
    breaker({
      ...shared,
      probes: 3,
      ramp: { over: "20s" },
      clock: timeline,
      random: seededRandom(seed),
    }),
} as const satisfies Record<
  string,
  (timeline: Timeline, seed: number) => Guard
>;

export type GuardName = keyof typeof guards;

export const guardNames = Object.keys(guards) as readonly GuardName[];

export interface StampedeOptions {
  readonly seed: number;
  readonly guard: GuardName;
  /** How many answers make the service warm. */
  readonly answersToWarm: number;
}

export interface StampedeFigures {
  /** The most calls at once in the service before it was warm. */
  readonly mostWhileCold: number;
  /** How often it fell over again. */
  readonly falls: number;
  /** Seconds from its first return until no call failed or was refused any more; `Infinity`: not within the run. */
  readonly recoverySeconds: number;
  /** Answers in each second. */
  readonly answers: readonly number[];
}

/** Callers that do not wait for each other meet a service that has just come back. */
export const stampede = ({
  seed,
  guard: name,
  answersToWarm,
}: StampedeOptions): StampedeFigures => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  const guard: Guard = guards[name](timeline, seed);
  const service = new ColdService(timeline, { answersToWarm, coldLimit: 100 });
  const answers = new Array<number>(endMs / 1_000).fill(0);
  let lastBadMs = 0;
  const call = (): void => {
    const permit = guard.tryPermit();
    if (permit === undefined) {
      lastBadMs = timeline.now();
      return;
    }
    service.call((isAnswered) => {
      if (isAnswered) {
        const second = Math.floor(timeline.now() / 1_000);
        answers[second] = (answers[second] ?? 0) + 1;
        permit.success();
      } else {
        lastBadMs = timeline.now();
        permit.failure();
      }
    });
  };
  const arrive = (): void => {
    call();
    timeline.schedule(exponentialTime(random, 1_000 / callsPerSecond), arrive);
  };
  arrive();
  timeline.schedule(upAtMs, () => {
    service.start();
  });
  timeline.run(endMs - 1);
  const isBack = lastBadMs < endMs - 1_000;
  return {
    mostWhileCold: service.mostWhileCold,
    falls: service.falls,
    recoverySeconds: isBack ? (lastBadMs - upAtMs) / 1_000 : Infinity,
    answers,
  };
};
