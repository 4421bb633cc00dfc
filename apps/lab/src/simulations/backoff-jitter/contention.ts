import { constant, exponential, type Backoff } from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { meanOf, normal } from "../distributions.ts";
import { Timeline } from "../timeline.ts";

/**
 * The ways to wait that the experiment compares: base 5 ms, none above 2 s. The original counts failures from 1, so that
 * its first delay is twice the base.
 */
const grown = { initial: 10, max: 2_000 } as const;
export const backoffs = {
  none: constant(0),
  "no jitter": exponential({ ...grown, jitter: "none" }),
  equal: exponential({ ...grown, jitter: "equal" }),
  full: exponential({ ...grown, jitter: "full" }),
  decorrelated: exponential({ initial: 5, max: 2_000, jitter: "decorrelated" }),
} as const satisfies Record<string, Backoff>;

export type BackoffName = keyof typeof backoffs;

export const backoffNames = Object.keys(backoffs) as readonly BackoffName[];

export interface ContentionOptions {
  readonly seed: number;
  readonly backoff: Backoff;
  /** Clients that all start at once. */
  readonly clients: number;
}

export interface ContentionFigures {
  /** Writes that reached the server, those that came too late included. */
  readonly calls: number;
  /** When the last client had its write through. */
  readonly finishedMs: number;
}

/**
 * Clients that all want to change one row under optimistic concurrency control: read its version, write if nobody else
 * has written since, else wait and begin again. Every way over the network takes N(10, 2) ms.
 */
export const contention = ({
  seed,
  backoff,
  clients,
}: ContentionOptions): ContentionFigures => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  let version = 0;
  let calls = 0;
  const travel = (arrive: () => void): void => {
    timeline.schedule(normal(random, 10, 2), arrive);
  };
  const write = (seen: number): boolean => {
    calls++;
    if (seen !== version) return false;
    version++;
    return true;
  };
  const begin = (failures: number, waitedMs: number): void => {
    travel(() => {
      const seen = version;
      travel(() => {
        travel(() => {
          const written = write(seen);
          travel(() => {
            if (!written) wait(failures + 1, waitedMs);
          });
        });
      });
    });
  };
  const wait = (failures: number, waitedMs: number): void => {
    const delayMs = backoff.delayMs(failures, waitedMs, random);
    timeline.schedule(delayMs, () => {
      begin(failures, delayMs);
    });
  };
  for (let client = 0; client < clients; client++) begin(0, 0);
  timeline.run();
  return { calls, finishedMs: timeline.now() };
};

/** The means over several seeds. */
export const meanContention = (
  name: BackoffName,
  clients: number,
  runs = 20,
): ContentionFigures => {
  const figures = Array.from({ length: runs }, (_, run) =>
    contention({ seed: run + 1, backoff: backoffs[name], clients }),
  );
  return {
    calls: meanOf(figures.map((each) => each.calls)),
    finishedMs: meanOf(figures.map((each) => each.finishedMs)),
  };
};
