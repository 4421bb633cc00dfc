import { effectiveDelayMs, sleepBySchedule, type Clock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { drainMicrotasks } from "./drain.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until told to move. Starts at 0; `wallNow()` starts at 0 too and moves along, apart from
 * {@link ManualClock.jumpWall}.
 */
export class ManualClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs = 0;
  #moves: Promise<unknown> = Promise.resolve();
  // In order of scheduling, which decides between timers due at the same time.
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
    const timer = { dueMs: this.#nowMs + effectiveDelayMs(delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBySchedule(this, delayMs, signal);
  }

  /** Moves on by `ms`: see {@link ManualClock.advanceTo}. */
  advance(ms: number): Promise<void> {
    return this.#move(() => this.#nowMs + ms);
  }

  /**
   * Moves on to `ms`, firing each timer that is due with `now()` at its due time, in order of due time and then of
   * scheduling. Promises that became ready run before the next timer does. Moves queue up: one asked for while another
   * is under way (from a timer's callback, say) starts when that one is done.
   *
   * Rejects with {@link InvalidOptionError} for a time that is past or not finite, and with what a callback throws;
   * time then stands where it was refused, or at that callback's due time with the later timers still waiting.
   */
  advanceTo(ms: number): Promise<void> {
    return this.#move(() => ms);
  }

  /** Moves the wall clock alone, as an operator or NTP would; may be negative. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #move(target: () => number): Promise<void> {
    const move = this.#moves.then(() => this.#moveTo(target()));
    this.#moves = move.catch(() => undefined);
    return move;
  }

  async #moveTo(ms: number): Promise<void> {
    if (!(ms >= this.#nowMs && ms < Infinity))
      throw new InvalidOptionError(
        "ms",
        ms,
        `a finite time of at least ${this.#nowMs}, because time does not go back`,
      );
    await drainMicrotasks();
    for (
      let timer = this.#first();
      timer !== undefined && timer.dueMs <= ms;
      timer = this.#first()
    ) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueMs;
      timer.callback();
      await drainMicrotasks();
    }
    this.#nowMs = ms;
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  }
}
