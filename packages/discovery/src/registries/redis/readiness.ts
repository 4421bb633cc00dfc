import type { Clock } from "@dp/core";

/** How often a client that is connecting is looked at. */
const pollMs = 10;

/** Waits for a client to be connected. However many wait, it is looked at once each time, by one timer. */
export class Readiness {
  readonly #client: { readonly isReady: boolean };
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #cancelTimer: (() => void) | undefined;

  constructor(client: { readonly isReady: boolean }, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Rejects with the signal's reason when it aborts. Leaves neither timer nor listener. */
  reached(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#client.isReady) {
        resolve();
        return;
      }
      const ready = (): void => {
        this.#waiting.delete(ready);
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const abort = (): void => {
        this.#waiting.delete(ready);
        if (this.#waiting.size === 0) this.#cancelTimer?.();
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.add(ready);
      if (this.#waiting.size === 1) this.#look();
    });
  }

  #look(): void {
    this.#cancelTimer = this.#clock.schedule(pollMs, () => {
      if (!this.#client.isReady) this.#look();
      else for (const ready of [...this.#waiting]) ready();
    });
  }
}
