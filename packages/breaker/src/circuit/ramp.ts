/** The share of calls let through when a break is over and the circuit has just closed. */
const firstShare = 0.1;

/**
 * Lets a service that has recovered warm up: a tenth of the calls at first, rising evenly to all of them. Without
 * chance: of any run of calls exactly the share is let through, to within one.
 */
export class Ramp {
  readonly #startMs: number;
  readonly #overMs: number;
  #credit = 0;

  constructor(startMs: number, overMs: number) {
    this.#startMs = startMs;
    this.#overMs = overMs;
  }

  get endMs(): number {
    return this.#startMs + this.#overMs;
  }

  shareAt(now: number): number {
    const passed = (now - this.#startMs) / this.#overMs;
    return Math.min(1, firstShare + (1 - firstShare) * passed);
  }

  admits(now: number): boolean {
    this.#credit += this.shareAt(now);
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}
