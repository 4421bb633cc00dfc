/** A median of this many is steady enough, and they are soon replaced. */
const capacity = 16;
/** Older ones say nothing of now; and an instance avoided for them must be tried again. */
const maxAgeMs = 10_000;

/** The last answers of one instance, with how many requests were in flight to it when each came. */
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

  /** The median of those at about as many in flight, of all when there are none; undefined without any. */
  median(inFlight: number, nowMs: number): number | undefined {
    const near = Math.max(1, inFlight / 2);
    const count = this.#collect(inFlight, near, nowMs);
    const any = count > 0 ? count : this.#collect(inFlight, Infinity, nowMs);
    return any > 0 ? sorted[(any - 1) >>> 1] : undefined;
  }

  /** Sorts those within a distance into `sorted`; gives their number. */
  #collect(inFlight: number, distance: number, nowMs: number): number {
    let count = 0;
    for (let index = 0; index < capacity; index++) {
      if (nowMs - (this.#atMs[index] as number) > maxAgeMs) continue;
      if (Math.abs((this.#loads[index] as number) - inFlight) > distance)
        continue;
      const latencyMs = this.#latenciesMs[index] as number;
      let at = count++;
      for (; at > 0 && (sorted[at - 1] as number) > latencyMs; at--)
        sorted[at] = sorted[at - 1] as number;
      sorted[at] = latencyMs;
    }
    return count;
  }
}

/** One for all: it is used during one call only. */
const sorted = new Float64Array(capacity);
