import type { ToldLimits } from "./parse.ts";

/**
 * When the next request to one server may be sent, from what its last responses told. Pure arithmetic: it is given every
 * time it needs.
 *
 * With r units left for t, requests are t / (r + 1) apart: the r of them and whatever comes at the end divide the time
 * evenly, and with none left the next one waits for the end. Of several limits the strictest counts.
 */
export class Pace {
  /** The earliest time of the next request. */
  #nextMs = -Infinity;
  /** What the server itself told about `nextMs`; without it, requests sent since would push it back. */
  #toldMs = -Infinity;
  /** Between one request and the one after, while nothing new is told. */
  #gapMs = 0;
  /** When what was told is over. */
  #untilMs = -Infinity;
  /** Until when a `Retry-After` asks for silence. */
  #silentUntilMs = -Infinity;
  #sent = 0;
  /** The number of the request whose response is believed. */
  #believed = 0;

  get nextMs(): number {
    return Math.max(this.#nextMs, this.#silentUntilMs);
  }

  /** Before this time nothing can be sent, whatever else happens; `nextMs` may yet come nearer. */
  get toldMs(): number {
    return Math.max(this.#toldMs, this.#silentUntilMs);
  }

  /** Counts a request that is sent now, and gives its number. */
  send(nowMs: number): number {
    this.#nextMs = nowMs + this.#gapMs;
    return ++this.#sent;
  }

  /**
   * Takes in what the response to request `number` told. Of responses that overtook each other the one to the latest
   * request counts: its server had seen more.
   */
  hear(number: number, told: ToldLimits, nowMs: number): void {
    const { limits, retryAfterMs } = told;
    if (retryAfterMs !== undefined) {
      const untilMs = nowMs + retryAfterMs;
      this.#silentUntilMs = Math.max(this.#silentUntilMs, untilMs);
    }
    if (number < this.#believed) return;
    // Those sent after it are not counted in it.
    const unseen = this.#sent - number;
    let gapMs = retryAfterMs ?? 0;
    let untilMs = nowMs + gapMs;
    for (const { remaining, resetAfterMs } of limits) {
      // Retry-After comes before what the limits say, and a limit without a time says nothing about when.
      if (retryAfterMs !== undefined || resetAfterMs === undefined) continue;
      const left = Math.max(0, remaining - unseen);
      gapMs = Math.max(gapMs, resetAfterMs / (left + 1));
      untilMs = Math.max(untilMs, nowMs + resetAfterMs);
    }
    const toldNothing = limits.length === 0 && retryAfterMs === undefined;
    if (toldNothing && nowMs < this.#untilMs) return;
    this.#believed = number;
    this.#gapMs = gapMs;
    this.#untilMs = untilMs;
    this.#toldMs = nowMs + gapMs;
    this.#nextMs = this.#toldMs;
  }
}
