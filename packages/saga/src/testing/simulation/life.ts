import { sleepBySchedule, type Clock } from "@dp/core";

const forever: Promise<never> = new Promise(() => undefined);

/**
 * One incarnation of a worker's process as the simulated world sees it. Once it is over nothing it waits for ever comes:
 * no timer, no answer. While it is suspended everything comes later.
 */
export class Life {
  readonly name: string;
  /** What this process knows of time. */
  readonly clock: Clock;
  /** Resolves when the process has died. */
  readonly ended: Promise<void>;
  #isOver = false;
  #suspendedUntilMs = 0;
  readonly #world: Clock;
  #end: () => void = () => undefined;

  /** `wallOffsetMs` is how wrong the process's wall clock is. */
  constructor(name: string, world: Clock, wallOffsetMs: number) {
    this.name = name;
    this.#world = world;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.clock = {
      now: () => world.now(),
      wallNow: () => world.wallNow() + wallOffsetMs,
      schedule: (delayMs, callback) => {
        let isCancelled = false;
        const cancel = world.schedule(delayMs, () => {
          void this.goOn().then(() => {
            if (!isCancelled) callback();
          });
        });
        return () => {
          isCancelled = true;
          cancel();
        };
      },
      sleep: (delayMs, signal) => sleepBySchedule(this.clock, delayMs, signal),
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** As `kill -9` does. */
  kill(): void {
    this.#isOver = true;
    this.#end();
  }

  /** As SIGSTOP and, so much later, SIGCONT do. */
  suspend(forMs: number): void {
    this.#suspendedUntilMs = this.#world.now() + forMs;
  }

  /** Resolves as soon as the process may run on; never once it is dead. */
  async goOn(): Promise<void> {
    while (!this.#isOver && this.#world.now() < this.#suspendedUntilMs)
      await this.#world.sleep(this.#suspendedUntilMs - this.#world.now());
    if (this.#isOver) await forever;
  }
}
