import type { Random } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { QueueingServer } from "../queueing-server.ts";
import type { Timeline } from "../timeline.ts";

export interface ColdServerOptions {
  readonly workers: number;
  /** The mean time of a request when warm; exponentially distributed. */
  readonly serviceMs: number;
  /** How long it takes to warm up. 0: it is warm. */
  readonly warmUpMs: number;
}

/** How fast a process is that was just started: caches are empty, code is not compiled. */
export const coldSpeed = 0.1;

/** A server that starts at a tenth of its speed and rises in a line to all of it. */
export class ColdServer {
  readonly #timeline: Timeline;
  readonly #server: QueueingServer;
  readonly #startedMs: number;
  readonly #warmUpMs: number;
  #inFlight = 0;
  #most = 0;

  constructor(
    timeline: Timeline,
    random: Random,
    { workers, serviceMs, warmUpMs }: ColdServerOptions,
  ) {
    this.#timeline = timeline;
    this.#startedMs = timeline.now();
    this.#warmUpMs = warmUpMs;
    this.#server = new QueueingServer(timeline, {
      workers,
      serviceMs: () => exponentialTime(random, serviceMs) / this.#speed(),
    });
  }

  /** The most requests that it had at once. */
  get most(): number {
    return this.#most;
  }

  accept(done: () => void): void {
    this.#most = Math.max(this.#most, ++this.#inFlight);
    this.#server.accept(() => {
      this.#inFlight--;
      done();
    });
  }

  #speed(): number {
    const ageMs = this.#timeline.now() - this.#startedMs;
    return ageMs >= this.#warmUpMs
      ? 1
      : coldSpeed + (1 - coldSpeed) * (ageMs / this.#warmUpMs);
  }
}
