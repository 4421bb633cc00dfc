import { DpError, type Clock } from "@dp/core";

interface Waiter {
  readonly version: number;
  settle(error?: Error): void;
}

/** Those who wait for a version of what they wrote to be acknowledged; an acknowledged one covers all before it. */
export class PendingWrites {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #failure: Error | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves once `version` is acknowledged. Rejects with the last failure when that takes longer than `limitMs`, and
   * with the signal's reason when it aborts. Leaves neither timer nor listener.
   */
  wait(version: number, limitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const settle = (error?: Error): void => {
        this.#waiters.delete(waiter);
        cancelTimer?.();
        signal?.removeEventListener("abort", abort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const waiter: Waiter = { version, settle };
      const abort = (): void => settle(signal?.reason as Error);
      const cancelTimer =
        limitMs === Infinity
          ? undefined
          : this.#clock.schedule(limitMs, () =>
              settle(
                new DpError(
                  "DP_REGISTRY_TIMEOUT",
                  `not written within ${limitMs} ms; it will be as soon as the registry answers`,
                  { retryable: true, cause: this.#failure },
                ),
              ),
            );
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** An attempt failed; those who give up say why. */
  failed(error: Error): void {
    this.#failure = error;
  }

  done(version: number): void {
    this.#failure = undefined;
    for (const waiter of [...this.#waiters])
      if (waiter.version <= version) waiter.settle();
  }

  rejectAll(error: Error): void {
    for (const waiter of [...this.#waiters]) waiter.settle(error);
  }
}
