import { DpError, type Clock } from "@dp/core";

/**
 * Runs one exchange with a registry under a time limit. The signal it is given aborts at the limit (then this rejects
 * with `DP_REGISTRY_TIMEOUT`, retryable) and when the outer one does; a call that ignores it is given up all the same.
 * No timer and no listener is left behind.
 */
export const attempt = <T>(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> =>
  new Promise((resolve, reject) => {
    outer?.throwIfAborted();
    const inner = new AbortController();
    const give = (error: Error): void => {
      release();
      reject(error);
      inner.abort(error);
    };
    const abandon = (): void => give(outer?.reason as Error);
    const cancelTimer = clock.schedule(limitMs, () =>
      give(
        new DpError(
          "DP_REGISTRY_TIMEOUT",
          `the registry gave no answer within ${Math.round(limitMs)} ms`,
          { retryable: true },
        ),
      ),
    );
    const release = (): void => {
      cancelTimer();
      outer?.removeEventListener("abort", abandon);
    };
    outer?.addEventListener("abort", abandon, { once: true });
    // Within a promise, so that a call that throws at once rejects like any other.
    new Promise<T>((answer) => {
      answer(call(inner.signal));
    })
      .finally(release)
      .then(resolve, reject);
  });
