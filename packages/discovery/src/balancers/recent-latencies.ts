/** A median of this many is steady enough, and they are soon replaced. */
const capacity = 16;
/** Older ones say nothing of now; and an instance avoided for them must be tried again. */
const maxAgeMs = 10_000;

/** The last answers of one instance, each with how many requests were in flight to it when it was asked. */
export class RecentLatencies {
  readonly #latenciesMs = new Float64Array(capacity);
  readonly #loads = new Float64Array(capacity);
  readonly #atMs = new Float64Array(capacity).fill(-Infinity);
  #next = 0;

  push(latencyMs: number, inFlight: number, nowMs: number): void {
    this.#latenciesMs[this.#next] = latencyMs;
    this.#loads[this.#next] = inFlight;
    this.#atMs[this.#next] = nowMs;
    this.#next = (this.#next + 1) % capacity;
  }

  /**
   * The median of those that met about as many in flight; if there are none, of all, in proportion to how many are in
   * flight now and then. Undefined without any.
   */
  median(inFlight: number, nowMs: number): number | undefined {
    const near = Math.max(1, inFlight / 2);
    let count = this.#collect(inFlight, near, nowMs);
    if (count > 0) return sorted[(count - 1) >>> 1];
    count = this.#collect(inFlight, Infinity, nowMs);
    if (count === 0) return undefined;
    // Else an idle instance would be avoided for what it did while busy, and a busy one sought for the opposite.
    const proportion = (inFlight + 1) / (loadSum / count + 1);
    return (sorted[(count - 1) >>> 1] as number) * proportion;
  }

  /** Sorts those within a distance into `sorted` and adds up their loads; gives their number. */
  #collect(inFlight: number, distance: number, nowMs: number): number {
    let count = 0;
    loadSum = 0;
    for (let index = 0; index < capacity; index++) {
      if (nowMs - (this.#atMs[index] as number) > maxAgeMs) continue;
      if (Math.abs((this.#loads[index] as number) - inFlight) > distance)
        continue;
      loadSum += this.#loads[index] as number;
      const latencyMs = this.#latenciesMs[index] as number;
      let at = count++;
      for (; at > 0 && (sorted[at - 1] as number) > latencyMs; at--)
        sorted[at] = sorted[at - 1] as number;
      sorted[at] = latencyMs;
    }
    return count;
  }
}

// One for all: they are used during one call only.
const sorted = new Float64Array(capacity);
let loadSum = 0;
