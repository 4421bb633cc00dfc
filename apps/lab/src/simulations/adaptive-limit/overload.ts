import {
  aimd,
  concurrencyLimit,
  gradient2,
  pipeline,
  timeout,
  vegas,
  type LimitAlgorithm,
} from "@dp/breaker";
import { seededRandom, type Random } from "@dp/core";
import { exponentialTime, meanOf, quantileOf } from "../distributions.ts";
import { QueueingServer } from "../queueing-server.ts";
import { Timeline } from "../timeline.ts";

/** What the server has, and how much its clients ask for: half as much again as it can do. */
export const service = { workers: 10, serviceMs: 200, callsPerSecond: 75 };
/** Seconds: in the middle every call takes twice as long. */
export const course = { slowFrom: 60, slowTo: 120, end: 180 } as const;

export const algorithms = {
  "no limit": () => undefined,
  aimd: () => aimd({ timeout: 500 }),
  vegas: (random: Random) => vegas({ random }),
  gradient2: () => gradient2(),
} as const satisfies Record<
  string,
  (random: Random) => LimitAlgorithm | undefined
>;

export type AlgorithmName = keyof typeof algorithms;

export const algorithmNames = Object.keys(
  algorithms,
) as readonly AlgorithmName[];

/** What holds in the second half of a part of the run, when what was before has passed. */
export interface PartFigures {
  /** The mean limit; NaN without one. */
  readonly limit: number;
  /** Successes a second. */
  readonly goodput: number;
  /** How long 99 of 100 successes take at most. */
  readonly p99Ms: number;
}

export interface OverloadFigures {
  /** The limit in each second. */
  readonly limits: readonly number[];
  readonly before: PartFigures;
  readonly slow: PartFigures;
  readonly after: PartFigures;
}

interface Success {
  readonly second: number;
  readonly tookMs: number;
}

/** A server with too little capacity and an endless queue, behind a limit that has to find out what it can do. */
export const overload = async (
  name: AlgorithmName,
  seed: number,
): Promise<OverloadFigures> => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  let slowness = 1;
  const server = new QueueingServer(timeline, {
    workers: service.workers,
    serviceMs: () => service.serviceMs * slowness * (0.9 + 0.2 * random()),
  });
  const algorithm = algorithms[name](random);
  const guard = pipeline(
    { clock: timeline, random },
    ...(algorithm === undefined ? [] : [concurrencyLimit(algorithm)]),
    timeout("2s"),
  );
  const limits: number[] = [];
  const successes: Success[] = [];
  const call = async (): Promise<void> => {
    const startedMs = timeline.now();
    const { ok } = await guard.try(
      () =>
        new Promise<void>((resolve) => {
          server.accept(resolve);
        }),
    );
    const tookMs = timeline.now() - startedMs;
    if (ok) successes.push({ second: timeline.now() / 1_000, tookMs });
  };
  const arrive = (): void => {
    void call();
    const meanMs = 1_000 / service.callsPerSecond;
    timeline.schedule(exponentialTime(random, meanMs), arrive);
  };
  const look = (): void => {
    limits.push(algorithm?.limit ?? NaN);
    timeline.schedule(1_000, look);
  };
  arrive();
  look();
  await timeline.runAsync(course.slowFrom * 1_000);
  slowness = 2;
  await timeline.runAsync(course.slowTo * 1_000);
  slowness = 1;
  await timeline.runAsync(course.end * 1_000);
  const part = (from: number, to: number): PartFigures => {
    const half = (from + to) / 2;
    const within = successes.filter(
      ({ second }) => second >= half && second < to,
    );
    return {
      limit: meanOf(limits.slice(half, to)),
      goodput: within.length / (to - half),
      p99Ms: quantileOf(
        within.map(({ tookMs }) => tookMs),
        0.99,
      ),
    };
  };
  return {
    limits,
    before: part(0, course.slowFrom),
    slow: part(course.slowFrom, course.slowTo),
    after: part(course.slowTo, course.end),
  };
};
