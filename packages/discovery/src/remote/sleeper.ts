import type { Clock } from "@dp/core";

/** One sleeper that can be woken. */
export class Sleeper {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;
  #woken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the sleep under way, or else the next one before it starts. */
  wake(): void {
    if (this.#wake === undefined) this.#woken = true;
    else this.#wake();
  }

  /** Resolves when the clock has reached `untilMs` or at a `wake`. No timer if that is `Infinity`. */
  until(untilMs: number): Promise<void> {
    if (this.#woken) {
      this.#woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const cancel =
        untilMs === Infinity
          ? undefined
          : this.#clock.schedule(untilMs - this.#clock.now(), () => wake());
      const wake = (): void => {
        cancel?.();
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
    });
  }
}
