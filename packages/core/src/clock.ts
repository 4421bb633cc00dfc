/**
 * Where the @dp packages get time from. Pass a `ManualClock` (from `@dp/core/testing`) to control it in tests.
 *
 * `now()` is for everything measured inside one process; it never goes back. `wallNow()` is for logs, calendar rules
 * and times that outlive the process; it may jump either way.
 */
export interface Clock {
  /** Monotonic milliseconds, may be fractional. The zero point is arbitrary. */
  now(): number;
  /** Milliseconds since the epoch. */
  wallNow(): number;
  /**
   * Calls `callback` once, `delayMs` from now or a little later, and returns a function that cancels it (harmless
   * afterwards). Delays above 24.8 days are legal. The timer keeps the process alive until it fired or was cancelled.
   */
  schedule(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`; rejects at once with the signal's reason when `signal` aborts. Leaves no listener behind. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay setTimeout honours: it keeps the delay in a signed 32-bit integer and fires at once above it. */
const longestTimeoutMs = 2 ** 31 - 1;

const scheduleTimeout = (
  delayMs: number,
  callback: () => void,
): (() => void) => {
  let remainingMs = delayMs;
  let timer: ReturnType<typeof setTimeout>;
  const arm = (): void => {
    const stepMs = Math.min(remainingMs, longestTimeoutMs);
    remainingMs -= stepMs;
    timer = setTimeout(remainingMs > 0 ? arm : callback, stepMs);
  };
  arm();
  return () => clearTimeout(timer);
};

/** `Clock.sleep` in terms of `Clock.schedule`, for clocks that have no better way. */
export const sleepBySchedule = (
  clock: Pick<Clock, "schedule">,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const abort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });

/** The machine's clocks and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  schedule: scheduleTimeout,
  sleep: (delayMs, signal) => sleepBySchedule(systemClock, delayMs, signal),
};
