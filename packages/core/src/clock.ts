import { InvalidOptionError } from "./errors.ts";

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
   * Calls `callback` once, never before `now()` has moved on by `delayMs`, and returns a function that cancels it
   * (harmless afterwards). A delay below 0 counts as 0, one above 24.8 days is legal, `Infinity` never comes, NaN
   * throws `InvalidOptionError`. The timer keeps the process alive until it fired or was cancelled.
   */
  schedule(delayMs: number, callback: () => void): () => void;
  /**
   * Resolves after `delayMs`, which means what it means to `schedule`; rejects at once with the signal's reason when
   * `signal` aborts. Either way no timer and no listener is left behind.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** `delayMs` as {@link Clock.schedule} promises to understand it. NaN would fire at once, for ever. */
export const effectiveDelayMs = (delayMs: number): number => {
  if (Number.isNaN(delayMs))
    throw new InvalidOptionError("delayMs", delayMs, "a number of ms");
  return Math.max(0, delayMs);
};

/** The longest delay setTimeout honours: it keeps the delay in a signed 32-bit integer and fires at once above it. */
const longestTimeoutMs = 2 ** 31 - 1;

const scheduleTimeout = (
  delayMs: number,
  callback: () => void,
): (() => void) => {
  const firstMs = effectiveDelayMs(delayMs);
  const dueMs = performance.now() + firstMs;
  let timer: ReturnType<typeof setTimeout>;
  const arm = (remainingMs: number): void => {
    timer = setTimeout(
      fire,
      Math.min(Math.ceil(remainingMs), longestTimeoutMs),
    );
  };
  // The event loop counts whole milliseconds and may wake up to one early; long delays come in several steps.
  const fire = (): void => {
    const remainingMs = dueMs - performance.now();
    if (remainingMs > 0) arm(remainingMs);
    else callback();
  };
  arm(firstMs);
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
