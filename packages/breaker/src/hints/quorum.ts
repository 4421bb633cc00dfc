import type { Hint } from "./hint-channel.ts";

/** So many others are remembered; more than a quorum needs, so that strangers cannot fill the memory. */
const remembered = 256;

/** Who else says at the moment that the service is down. */
export class Quorum {
  readonly #needed: number;
  /** Until when each says so, the one heard of longest ago first. */
  readonly #untilMs = new Map<string, number>();

  constructor(needed: number) {
    this.#needed = needed;
  }

  hear({ source, state, forMs }: Hint, now: number): void {
    this.#untilMs.delete(source);
    if (state === "closed") return;
    this.#untilMs.set(source, now + forMs);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > remembered && oldest !== undefined)
      this.#untilMs.delete(oldest);
  }

  /** How many say so, if they are enough. */
  agreeing(now: number): number | undefined {
    if (this.#untilMs.size < this.#needed) return undefined;
    for (const [source, untilMs] of this.#untilMs)
      if (untilMs <= now) this.#untilMs.delete(source);
    const { size } = this.#untilMs;
    return size >= this.#needed ? size : undefined;
  }

  forget(): void {
    this.#untilMs.clear();
  }
}
