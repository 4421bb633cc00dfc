import {
  breaker,
  exponential,
  pipeline,
  retry,
  retryBudget,
  timeout,
  type Policy,
} from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { QueueingServer } from "../queueing-server.ts";
import { Timeline } from "../timeline.ts";

/** Requests a second: what clients ask for, what the server can do, and what it can do during the trigger. */
export const load = { offered: 35, capacity: 50, hampered: 10 } as const;
/** Seconds. */
export const course = { triggerFrom: 20, triggerTo: 30, end: 100 } as const;

const repeats = {
  attempts: 4,
  backoff: exponential({ initial: 200, max: "2s", jitter: "full" }),
};

/** The ways in which clients repeat what has timed out. */
export const clientKinds = {
  "no repeats": () => [retry({ attempts: 1 })],
  "3 repeats": () => [retry({ ...repeats, budget: false })],
  "3 repeats, budget 20 %": () => [
    retry({ ...repeats, budget: retryBudget({ ratio: 0.2 }) }),
  ],
  "3 repeats, budget 10 %": () => [
    retry({ ...repeats, budget: retryBudget({ ratio: 0.1 }) }),
  ],
  "3 repeats, breaker": () => [retry({ ...repeats, budget: false }), breaker()],
} as const satisfies Record<string, () => readonly Policy[]>;

export type ClientKind = keyof typeof clientKinds;

export const clientKindNames = Object.keys(
  clientKinds,
) as readonly ClientKind[];

export interface OutageFigures {
  /** Calls that succeeded in each second. */
  readonly goodput: readonly number[];
  /** Attempts that reached the server in each second. */
  readonly attempts: readonly number[];
  /** Seconds from the end of the trigger until calls succeed again for good; `Infinity`: not within the run. */
  readonly recoverySeconds: number;
}

/**
 * A server with room to spare loses most of its capacity for ten seconds. Its queue then outlasts the clients' patience
 * of one second: it works on requests nobody waits for, while their repeats join the queue behind.
 */
export const outage = async (
  kind: ClientKind,
  seed: number,
): Promise<OutageFigures> => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  let perSecond: number = load.capacity;
  const server = new QueueingServer(timeline, {
    workers: 1,
    serviceMs: () => exponentialTime(random, 1_000 / perSecond),
  });
  const goodput = new Array<number>(course.end).fill(0);
  const attempts = new Array<number>(course.end).fill(0);
  const count = (counts: number[]): void => {
    const second = Math.floor(timeline.now() / 1_000);
    counts[second] = (counts[second] ?? 0) + 1;
  };
  const clients = pipeline(
    { clock: timeline, random },
    ...clientKinds[kind](),
    timeout("1s"),
  );
  const call = async (): Promise<void> => {
    const { ok } = await clients.try(
      () =>
        new Promise<void>((resolve) => {
          count(attempts);
          server.accept(resolve);
        }),
    );
    if (ok) count(goodput);
  };
  const arrive = (): void => {
    void call();
    timeline.schedule(exponentialTime(random, 1_000 / load.offered), arrive);
  };
  arrive();
  timeline.schedule(course.triggerFrom * 1_000, () => {
    perSecond = load.hampered;
  });
  timeline.schedule(course.triggerTo * 1_000, () => {
    perSecond = load.capacity;
  });
  await timeline.runAsync(course.end * 1_000 - 1);
  return { goodput, attempts, recoverySeconds: recovery(goodput) };
};

/** Counts as good a second in which a third of what is offered succeeds: chance alone does not go as low. */
const recovery = (goodput: readonly number[]): number => {
  const lastBad = goodput.findLastIndex((good) => good < load.offered / 3);
  if (lastBad === course.end - 1) return Infinity;
  return Math.max(0, lastBad + 1 - course.triggerTo);
};
