/** Who keeps a circuit isolated, and why. */
export class Isolations {
  readonly #held = new Set<{ readonly reason: string }>();

  get any(): boolean {
    return this.#held.size > 0;
  }

  get reasons(): string[] {
    return Array.from(this.#held, ({ reason }) => reason);
  }

  /** Adds one; the function returned takes it away and says whether it was the last. */
  add(reason: string): () => boolean {
    const isolation = { reason };
    this.#held.add(isolation);
    return () => this.#held.delete(isolation) && !this.any;
  }
}
