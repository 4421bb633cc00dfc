import type { Seat } from "./roster.ts";

/** What was last heard of an instance. */
interface Probe<S> {
  seat: S;
  /** Requests in flight for a weight of 1: as answered, and one more for each use since. */
  load: number;
  latencyMs: number;
  atMs: number;
  usesLeft: number;
}

/** What makes a seat hot whatever its load. */
export type Shunned<S> = (seat: S) => boolean;

/**
 * Answers to probes that wait for use, one an instance, and Prequal's rule for choosing among them ("hot-cold
 * lexicographic"): of those whose load is at most the limit the one of least latency; if there are none, the one of
 * least load. All in O(size).
 */
export class ProbePool<S extends Seat> {
  readonly #size: number;
  readonly #isShunned: Shunned<S>;
  /** The first `#count` in use, the rest kept for reuse. */
  readonly #probes: Probe<S>[] = [];
  #count = 0;
  #removesWorst = false;

  constructor(size: number, isShunned: Shunned<S>) {
    this.#size = size;
    this.#isShunned = isShunned;
  }

  get count(): number {
    return this.#count;
  }

  /** Replaces what was known of the seat; when the pool is full, the oldest. */
  add(
    seat: S,
    load: number,
    latencyMs: number,
    atMs: number,
    usesLeft: number,
  ): void {
    const probe = this.#find(seat) ?? this.#spare(seat);
    probe.seat = seat;
    probe.load = load;
    probe.latencyMs = latencyMs;
    probe.atMs = atMs;
    probe.usesLeft = usesLeft;
  }

  /** Drops what is older than `sinceMs` or of a seat that left. */
  expire(sinceMs: number): void {
    for (let index = this.#count - 1; index >= 0; index--) {
      const probe = this.#probes[index] as Probe<S>;
      if (probe.atMs < sinceMs || !probe.seat.seated) this.#drop(index);
    }
  }

  /** Uses the best probe among those not excluded; undefined when there are less than two to choose from. */
  use(limit: number, exclude: ReadonlySet<string> | undefined): S | undefined {
    let best = -1;
    let usable = 0;
    for (let index = 0; index < this.#count; index++) {
      const { seat } = this.#probes[index] as Probe<S>;
      if (exclude?.has(seat.candidate.id) === true) continue;
      usable++;
      if (best < 0 || this.#isBetter(index, best, limit)) best = index;
    }
    if (usable < 2) return undefined;
    const probe = this.#probes[best] as Probe<S>;
    probe.load += 1 / probe.seat.weight;
    if (--probe.usesLeft < 1) this.#drop(best);
    return probe.seat;
  }

  /** Drops one: in turn the oldest and the worst, which is the last that `use` would choose. */
  removeOne(limit: number): void {
    if (this.#count === 0) return;
    this.#removesWorst = !this.#removesWorst;
    let worst = 0;
    for (let index = 1; index < this.#count; index++)
      if (this.#isBetter(worst, index, limit)) worst = index;
    this.#drop(this.#removesWorst ? worst : this.#oldest());
  }

  #isBetter(index: number, other: number, limit: number): boolean {
    const a = this.#probes[index] as Probe<S>;
    const b = this.#probes[other] as Probe<S>;
    const isHot = this.#isHot(a, limit);
    if (isHot !== this.#isHot(b, limit)) return !isHot;
    if (isHot || a.latencyMs === b.latencyMs) return a.load < b.load;
    return a.latencyMs < b.latencyMs;
  }

  #isHot(probe: Probe<S>, limit: number): boolean {
    return probe.load > limit || this.#isShunned(probe.seat);
  }

  #find(seat: S): Probe<S> | undefined {
    for (let index = 0; index < this.#count; index++) {
      const probe = this.#probes[index] as Probe<S>;
      if (probe.seat === seat) return probe;
    }
    return undefined;
  }

  /** One more in use, to be filled in. */
  #spare(seat: S): Probe<S> {
    if (this.#count === this.#size) this.#drop(this.#oldest());
    const index = this.#count++;
    return (this.#probes[index] ??= {
      seat,
      load: 0,
      latencyMs: 0,
      atMs: 0,
      usesLeft: 0,
    });
  }

  #oldest(): number {
    let oldest = 0;
    for (let index = 1; index < this.#count; index++)
      if (
        (this.#probes[index] as Probe<S>).atMs <
        (this.#probes[oldest] as Probe<S>).atMs
      )
        oldest = index;
    return oldest;
  }

  #drop(index: number): void {
    const last = --this.#count;
    const dropped = this.#probes[index] as Probe<S>;
    this.#probes[index] = this.#probes[last] as Probe<S>;
    this.#probes[last] = dropped;
  }
}
