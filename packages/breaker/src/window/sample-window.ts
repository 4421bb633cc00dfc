import type { LimitSample } from "../concurrency/limit.ts";

/** A window ends with no fewer calls than this. */
const fewest = 10;
/** From this share of drops on the whole window counts as dropped. */
const droppedShare = 0.1;

/** Gathers how calls went into one sample for a stretch of time: their mean time, and the most that were in flight. */
export class SampleWindow {
  readonly #windowMs: number;
  #startedMs = -Infinity;
  #timed = 0;
  #sumMs = 0;
  #drops = 0;
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
    const sample: LimitSample = {
      rttMs: this.#timed === 0 ? rttMs : this.#sumMs / this.#timed,
      inFlight: this.#inFlight,
      dropped: this.#drops >= droppedShare * count,
    };
    this.#timed = 0;
    this.#sumMs = 0;
    this.#drops = 0;
    this.#inFlight = 0;
    return sample;
  }
}
