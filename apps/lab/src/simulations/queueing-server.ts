import type { Random } from "@dp/core";
import { exponentialTime } from "./distributions.ts";
import type { Timeline } from "./timeline.ts";

/**
 * One worker and an endless queue, first come first served; service times are exponential. It does all that it was given:
 * that a client has gone meanwhile it never learns.
 */
export class QueueingServer {
  /** Requests a second that it can serve; a change holds from the next request on. */
  perSecond: number;
  readonly #timeline: Timeline;
  readonly #random: Random;
  // A request is taken from `#next`: shifting a long array would move it all.
  #queue: (() => void)[] = [];
  #next = 0;
  #busy = false;

  constructor(timeline: Timeline, random: Random, perSecond: number) {
    this.#timeline = timeline;
    this.#random = random;
    this.perSecond = perSecond;
  }

  /** Requests that wait, without the one being served. */
  get waiting(): number {
    return this.#queue.length - this.#next;
  }

  /** Calls `done` when the request has been served. */
  accept(done: () => void): void {
    this.#queue.push(done);
    if (!this.#busy) this.#serveNext();
  }

  #serveNext(): void {
    const done = this.#queue[this.#next];
    this.#busy = done !== undefined;
    if (done === undefined) {
      this.#queue = [];
      this.#next = 0;
      return;
    }
    this.#next++;
    const serviceMs = exponentialTime(this.#random, 1_000 / this.perSecond);
    this.#timeline.schedule(serviceMs, () => {
      done();
      this.#serveNext();
    });
  }
}
