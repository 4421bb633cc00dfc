import { InvalidOptionError } from "./errors.ts";
import { RecentTime } from "./recent-time.ts";

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
  /** An {@link Alarm} that is cheaper than `schedule` to set and clear often. Ask for one by `createAlarm`. */
  alarm?(ring: () => void): Alarm;
}

/** One timer that is set again and again. */
export interface Alarm {
  /**
   * Rings once `now()` has reached `atMs`, in place of any earlier setting; `Infinity`: not at all. Until then it keeps
   * the process alive.
   */
  set(atMs: number): void;
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

/** Sets no timer while one is under way that fires soon enough: it is looked at when that one does. */
class SystemAlarm implements Alarm {
  readonly #ring: () => void;
  #atMs = Infinity;
  /** When the timer fires; Infinity: there is none. */
  #firesMs = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(atMs: number): void {
    const wasSet = this.#atMs !== Infinity;
    this.#atMs = atMs;
    if (atMs === Infinity) {
      if (wasSet) this.#timer?.unref();
    } else if (atMs < this.#firesMs) this.#arm();
    else if (!wasSet) this.#timer?.ref();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const delayMs = Math.max(0, this.#atMs - performance.now());
    this.#firesMs = this.#atMs;
    this.#timer = setTimeout(
      () => this.#fire(),
      Math.min(Math.ceil(delayMs), longestTimeoutMs),
    );
  }

  #fire(): void {
    this.#timer = undefined;
    this.#firesMs = Infinity;
    if (this.#atMs === Infinity) return;
    // Set anew meanwhile, woken a fraction early, or beyond what one timer can wait.
    if (this.#atMs > performance.now()) this.#arm();
    else {
      this.#atMs = Infinity;
      this.#ring();
    }
  }
}

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

const systemTime = new RecentTime(() => performance.now(), setImmediate);

/** The machine's clocks and timers. */
export const systemClock: Clock = {
  now: () => systemTime.now(),
  wallNow: () => Date.now(),
  schedule: scheduleTimeout,
  sleep: (delayMs, signal) => sleepBySchedule(systemClock, delayMs, signal),
  alarm: (ring) => new SystemAlarm(ring),
};

/**
 * `clock.now()` for one who looks on every call and can take it a little late. The system's clock, when it is asked often,
 * then looks once for 16 answers: none is older than one round of the event loop, or behind what `now()` has said. Other
 * clocks are asked each time.
 */
export const recentMs = (clock: Clock): number =>
  clock === systemClock ? systemTime.recent() : clock.now();
