import { sleepBySchedule, type Clock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { drainMicrotasks } from "./drain.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until told to move. Starts at 0; `wallNow()` starts at 0 too and moves along, apart from
 * {@link ManualClock.jumpWall}.
 */
export class ManualClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** Timers that are waiting. A test that ends with 0 leaks none. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  wallNow(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      callback,
    };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBySchedule(this, delayMs, signal);
  }

  /** Moves on by `ms`: see {@link ManualClock.advanceTo}. */
  advance(ms: number): Promise<void> {
    return this.advanceTo(this.#nowMs + ms);
  }

  /**
   * Moves on to `ms`, firing each timer that is due with `now()` at its due time, in order of due time and then of
   * scheduling. Promises that became ready run before the next timer does.
   */
  async advanceTo(ms: number): Promise<void> {
    if (!(ms >= this.#nowMs))
      throw new InvalidOptionError(
        "ms",
        ms,
        `a time of at least ${this.#nowMs}, because time does not go back`,
      );
    await drainMicrotasks();
    for (
      let timer = this.#next(ms);
      timer !== undefined;
      timer = this.#next(ms)
    ) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.callback();
      await drainMicrotasks();
    }
    this.#nowMs = ms;
  }

  /** Moves the wall clock alone, as an operator or NTP would; may be negative. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #next(limitMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > limitMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      )
        first = timer;
    }
    return first;
  }
}
