import type { Timeline } from "../timeline.ts";

export interface ColdServiceOptions {
  /** Answers after which it is warm: caches are filled, connections made. */
  readonly answersToWarm: number;
  /** Calls at once above which it falls over while it is cold. */
  readonly coldLimit: number;
}

const coldMs = 500;
const warmMs = 50;
/** How long it refuses everything after it has fallen over. */
const restartMs = 2_000;

/**
 * A service that starts slowly: cold it needs half a second for an answer and falls over when too many ask at once,
 * which fails them all and makes it start again. Warm it answers in 50 ms, however many ask. It begins fallen over.
 */
export class ColdService {
  /** How often it has fallen over, the first time not counted. */
  falls = 0;
  /** The most calls it had at once while it was cold. */
  mostWhileCold = 0;
  readonly #timeline: Timeline;
  readonly #options: ColdServiceOptions;
  #isUp = false;
  #answers = 0;
  #calls = new Set<(isAnswered: boolean) => void>();

  constructor(timeline: Timeline, options: ColdServiceOptions) {
    this.#timeline = timeline;
    this.#options = options;
  }

  get #isWarm(): boolean {
    return this.#answers >= this.#options.answersToWarm;
  }

  /** Brings it up, cold. */
  start(): void {
    this.#isUp = true;
    this.#answers = 0;
  }

  /** Calls `done` with whether the service has answered. */
  call(done: (isAnswered: boolean) => void): void {
    if (!this.#isUp) {
      done(false);
      return;
    }
    this.#calls.add(done);
    if (!this.#isWarm) {
      const atOnce = this.#calls.size;
      this.mostWhileCold = Math.max(this.mostWhileCold, atOnce);
      if (atOnce > this.#options.coldLimit) {
        this.#fallOver();
        return;
      }
    }
    this.#timeline.schedule(this.#isWarm ? warmMs : coldMs, () => {
      if (!this.#calls.delete(done)) return;
      this.#answers++;
      done(true);
    });
  }

  #fallOver(): void {
    this.falls++;
    this.#isUp = false;
    const failing = this.#calls;
    this.#calls = new Set();
    this.#timeline.schedule(restartMs, () => {
      this.start();
    });
    for (const done of failing) done(false);
  }
}
