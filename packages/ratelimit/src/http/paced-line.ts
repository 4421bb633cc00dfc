import type { Clock } from "@dp/core";
import { Pace } from "./pace.ts";
import type { ToldLimits } from "./parse.ts";
import { WaitTooLongError } from "./wait-too-long-error.ts";

interface Waiter {
  readonly deadlineMs: number;
  readonly admit: (number: number) => void;
  readonly refuse: (reason: Error) => void;
}

/** The requests to one server in the order in which they were made, with one timer for the first of them. */
export class PacedLine {
  readonly #key: string;
  readonly #maxWaitMs: number;
  readonly #clock: Clock;
  readonly #pace = new Pace();
  readonly #waiting = new Set<Waiter>();
  #cancelTimer: (() => void) | undefined;

  constructor(key: string, maxWaitMs: number, clock: Clock) {
    this.#key = key;
    this.#maxWaitMs = maxWaitMs;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves with the number of the request when it is its turn to be sent. Rejects with the signal's reason as soon as it
   * aborts, and with a {@link WaitTooLongError} as soon as it is known that the turn will not come in time.
   */
  turn(signal: AbortSignal | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const settled = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        deadlineMs: this.#clock.now() + this.#maxWaitMs,
        admit: (number) => {
          settled();
          resolve(number);
        },
        refuse: (reason) => {
          settled();
          reject(reason);
        },
      };
      const abort = (): void => {
        waiter.refuse(signal?.reason as Error);
        this.#advance();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.add(waiter);
      this.#advance();
    });
  }

  /** Takes in what the response to request `number` told: see {@link Pace.hear}. */
  hear(number: number, told: ToldLimits): void {
    this.#pace.hear(number, told, this.#clock.now());
    this.#advance();
  }

  /** Lets go whom nothing keeps waiting and who waits in vain, and sets the timer for the first of the others. */
  #advance(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.now();
    const pace = this.#pace;
    for (const waiter of this.#waiting) {
      const { nextMs, toldMs } = pace;
      if (nextMs <= nowMs) {
        waiter.admit(pace.send(nowMs));
      } else if (toldMs > waiter.deadlineMs || nowMs >= waiter.deadlineMs) {
        const waitMs = nextMs - nowMs;
        waiter.refuse(new WaitTooLongError(this.#key, waitMs, this.#maxWaitMs));
      } else {
        this.#cancelTimer = this.#clock.schedule(
          Math.min(nextMs, waiter.deadlineMs) - nowMs,
          () => this.#advance(),
        );
        return;
      }
    }
  }
}
