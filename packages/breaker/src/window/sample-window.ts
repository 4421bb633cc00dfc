import type { LimitSample } from "../concurrency/limit.ts";

/** A window ends with no fewer calls than this. */
const fewest = 10;

/**
 * Gathers how calls went into one sample for a stretch of time: their mean time, and the most that were in flight.
 *
 * The share of windows that count as dropped is that of the calls. From a fixed share on every window would be dropped,
 * and a service that always fails some calls, whatever the load, would be left with the lowest limit.
 */
export class SampleWindow {
  readonly #windowMs: number;
  #startedMs = -Infinity;
  #timed = 0;
  #sumMs = 0;
  #drops = 0;
  /** What is left of the shares of drops, in windows. */
  #owed = 0;
  #inFlight = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes in one more. Returns the sample of the window, if that is over with it. */
  add(
    { rttMs, inFlight, dropped }: LimitSample,
    now: number,
  ): LimitSample | undefined {
    if (this.#timed + this.#drops === 0) this.#startedMs = now;
    if (dropped) this.#drops++;
    else {
      this.#timed++;
      this.#sumMs += rttMs;
    }
    this.#inFlight = Math.max(this.#inFlight, inFlight);
    const count = this.#timed + this.#drops;
    if (count < fewest || now - this.#startedMs < this.#windowMs)
      return undefined;
    this.#owed += this.#drops / count;
    const isDropped = this.#owed >= 1;
    if (isDropped) this.#owed--;
    const sample: LimitSample = {
      rttMs: this.#timed === 0 ? rttMs : this.#sumMs / this.#timed,
      inFlight: this.#inFlight,
      dropped: isDropped,
    };
    this.#timed = 0;
    this.#sumMs = 0;
    this.#drops = 0;
    this.#inFlight = 0;
    return sample;
  }
}
