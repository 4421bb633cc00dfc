import type { Random } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { QueueingServer } from "../queueing-server.ts";
import type { Timeline } from "../timeline.ts";

/** What a server says of itself when it is asked. */
export interface ServerLoad {
  readonly inFlight: number;
  readonly latencyMs: number;
}

/** Each answer moves the estimate by this part of the difference. */
const share = 1 / 8;

/** A server with a queue that knows how long requests took which met as many others as there are now. */
export class ProbedServer {
  readonly #timeline: Timeline;
  readonly #server: QueueingServer;
  /** By how many were in flight when the request came. */
  readonly #latenciesMs: number[] = [];
  #inFlight = 0;

  constructor(
    timeline: Timeline,
    random: Random,
    workers: number,
    meanServiceMs: number,
  ) {
    this.#timeline = timeline;
    this.#server = new QueueingServer(timeline, {
      workers,
      serviceMs: () => exponentialTime(random, meanServiceMs),
    });
    this.#latenciesMs[0] = meanServiceMs;
  }

  accept(done: (latencyMs: number) => void): void {
    const met = this.#inFlight++;
    const startedMs = this.#timeline.now();
    this.#server.accept(() => {
      this.#inFlight--;
      const latencyMs = this.#timeline.now() - startedMs;
      const known = this.#latenciesMs[met] ?? latencyMs;
      this.#latenciesMs[met] = known + (latencyMs - known) * share;
      done(latencyMs);
    });
  }

  load(): ServerLoad {
    let near = this.#inFlight;
    while (near > 0 && this.#latenciesMs[near] === undefined) near--;
    const latencyMs = this.#latenciesMs[near] ?? 0;
    return { inFlight: this.#inFlight, latencyMs };
  }
}
