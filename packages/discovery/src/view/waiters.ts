import type { Clock } from "@dp/core";

/** Those who wait for something to change. Costs nothing while nobody does. */
export class Waiters {
  readonly #wakes = new Set<() => void>();

  /** Ends every wait under way. */
  wake(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  /**
   * Resolves at the next `wake` or when the clock reaches `untilMs` (no timer if that is Infinity); rejects with the
   * signal's reason when it aborts. Leaves neither timer nor listener.
   */
  wait(clock: Clock, untilMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const release = (): void => {
        this.#wakes.delete(wake);
        cancel?.();
        signal?.removeEventListener("abort", abort);
      };
      const wake = (): void => {
        release();
        resolve();
      };
      const abort = (): void => {
        release();
        reject(signal?.reason as Error);
      };
      const cancel =
        untilMs === Infinity
          ? undefined
          : clock.schedule(Math.max(0, untilMs - clock.now()), wake);
      this.#wakes.add(wake);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
