import type { Clock } from "@dp/core";

/** A clock that stands where it was put. Has no timers: a breaker needs none. */
export class VirtualClock implements Clock {
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wallNow(): number {
    return this.#nowMs;
  }

  /** Time does not go back: an earlier `ms` changes nothing. */
  moveTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }

  schedule(): never {
    throw new Error("virtual time has no timers");
  }

  sleep(): never {
    throw new Error("virtual time has no timers");
  }
}
