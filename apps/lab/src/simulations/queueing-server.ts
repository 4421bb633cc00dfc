import type { Timeline } from "./timeline.ts";

export interface QueueingServerOptions {
  /** Requests that are served at once. */
  readonly workers: number;
  /** How long the next request to be served takes, in milliseconds. */
  readonly serviceMs: () => number;
}

/**
 * Some workers and an endless queue, first come first served. It does all that it was given: that a client has gone
 * meanwhile it never learns.
 */
export class QueueingServer {
  readonly #timeline: Timeline;
  readonly #serviceMs: () => number;
  #idle: number;
  // A request is taken from `#next`: shifting a long array would move it all.
  #queue: (() => void)[] = [];
  #next = 0;

  constructor(
    timeline: Timeline,
    { workers, serviceMs }: QueueingServerOptions,
  ) {
    this.#timeline = timeline;
    this.#serviceMs = serviceMs;
    this.#idle = workers;
  }

  /** Calls `done` when the request has been served. */
  accept(done: () => void): void {
    this.#queue.push(done);
    if (this.#idle > 0) this.#serveNext();
  }

  #serveNext(): void {
    const done = this.#queue[this.#next];
    if (done === undefined) {
      this.#queue = [];
      this.#next = 0;
      return;
    }
    this.#next++;
    this.#idle--;
    this.#timeline.schedule(this.#serviceMs(), () => {
      this.#idle++;
      done();
      this.#serveNext();
    });
  }
}
