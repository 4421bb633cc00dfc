import type { CircuitState, Counts } from "../circuit-state.ts";

/** A trip in plain data, as the reference model reads it. */
export type ReferenceTrip =
  | { readonly kind: "consecutive"; readonly failures: number }
  | {
      readonly kind: "failureRate";
      readonly threshold: number;
      readonly windowMs: number;
      readonly minimum: number;
      readonly buckets: number;
    };

export interface ReferenceBreakerOptions {
  readonly trip: ReferenceTrip;
  /** The length of the nth break since the circuit was last closed, 1 for the first. */
  readonly openForMs: (opening: number) => number;
  readonly probes: number;
  readonly probeLeaseMs: number;
}

interface Call {
  readonly atMs: number;
  readonly era: number;
  readonly probe: boolean;
  verdict?: "success" | "failure" | "ignore";
}

/** One change of state as the model saw it. */
export interface ReferenceTransition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly atMs: number;
}

/**
 * What a circuit breaker should do, written to be read rather than to be fast: it keeps every call and every result for
 * ever, counts by going through all of them, and does what is due at the moment it is due instead of when somebody
 * asks. Compare an implementation with it step by step; time never goes back.
 */
export class ReferenceBreaker {
  readonly transitions: ReferenceTransition[] = [];
  readonly #options: ReferenceBreakerOptions;
  readonly #calls: Call[] = [];
  readonly #isolations = new Set<number>();
  #results: { readonly atMs: number; readonly success: boolean }[] = [];
  #now: number;
  /** What is under the isolations. */
  #phase: Exclude<CircuitState, "isolated"> = "closed";
  #untilMs = 0;
  #era = 0;
  #openings = 0;
  #isolated = 0;

  constructor(options: ReferenceBreakerOptions, now = 0) {
    this.#options = options;
    this.#now = now;
  }

  get state(): CircuitState {
    return this.#isolations.size > 0 ? "isolated" : this.#phase;
  }

  /** What the trip remembers. */
  get counts(): Counts {
    const results = this.#remembered();
    const successes = results.filter((result) => result.success).length;
    return {
      total: results.length,
      successes,
      failures: results.length - successes,
    };
  }

  /** Moves on to `now`, doing on the way what is due. */
  advanceTo(now: number): void {
    for (
      let due = this.#nextDue();
      due !== undefined && due.atMs <= now;
      due = this.#nextDue()
    ) {
      this.#now = Math.max(this.#now, due.atMs);
      due.happen(due.atMs);
    }
    this.#now = now;
  }

  /** The number of a call that is let through; undefined if it is refused. */
  admit(): number | undefined {
    const probe = this.#phase === "half-open";
    if (this.state === "isolated" || this.#phase === "open") return undefined;
    if (probe) {
      const counting = this.#probes().filter(
        (call) => call.verdict !== "ignore",
      );
      if (counting.length >= this.#options.probes) return undefined;
    }
    return this.#calls.push({ atMs: this.#now, era: this.#era, probe }) - 1;
  }

  /** Whether the result counted for anything. */
  settle(id: number, verdict: "success" | "failure" | "ignore"): boolean {
    const call = this.#calls[id];
    if (call === undefined || call.verdict !== undefined) return false;
    call.verdict = verdict;
    if (call.era !== this.#era) return false;
    if (call.probe) this.#decideProbes();
    else if (verdict !== "ignore") {
      this.#results.push({ atMs: this.#now, success: verdict === "success" });
      if (this.#trips()) this.#open(this.#now);
    }
    return verdict !== "ignore";
  }

  isolate(): number {
    const from = this.state;
    this.#isolations.add(++this.#isolated);
    if (from !== "isolated") this.#turn(from, this.#now);
    return this.#isolated;
  }

  release(isolation: number): void {
    if (!this.#isolations.delete(isolation) || this.#isolations.size > 0)
      return;
    if (this.#phase === "closed") this.#results = [];
    if (this.#phase === "open" && this.#untilMs <= this.#now)
      this.#phase = "half-open";
    this.#turn("isolated", this.#now);
  }

  reset(): void {
    const from = this.state;
    this.#phase = "closed";
    this.#openings = 0;
    this.#results = [];
    this.#turn(from, this.#now);
  }

  #probes(): Call[] {
    return this.#calls.filter((call) => call.probe && call.era === this.#era);
  }

  #remembered(): readonly { atMs: number; success: boolean }[] {
    const { trip } = this.#options;
    if (trip.kind === "consecutive") {
      const last = this.#results.findLastIndex((result) => result.success);
      return this.#results.slice(
        last === this.#results.length - 1 ? Math.max(0, last) : last + 1,
      );
    }
    const bucketOf = (atMs: number): number =>
      Math.floor(atMs / (trip.windowMs / trip.buckets));
    return this.#results.filter(
      (result) => bucketOf(result.atMs) > bucketOf(this.#now) - trip.buckets,
    );
  }

  #trips(): boolean {
    const { trip } = this.#options;
    const { total, failures } = this.counts;
    return trip.kind === "consecutive"
      ? failures >= trip.failures
      : total >= trip.minimum && failures / total >= trip.threshold;
  }

  #decideProbes(): void {
    const verdicts = this.#probes().map((call) => call.verdict);
    const passed = verdicts.filter((verdict) => verdict === "success").length;
    if (verdicts.includes("failure")) this.#open(this.#now);
    else if (passed >= this.#options.probes) this.reset();
  }

  #open(atMs: number): void {
    const from = this.state;
    this.#phase = "open";
    this.#untilMs = atMs + this.#options.openForMs(++this.#openings);
    this.#turn(from, atMs);
  }

  #nextDue(): { atMs: number; happen: (atMs: number) => void } | undefined {
    if (this.state === "open")
      return {
        atMs: this.#untilMs,
        happen: (atMs) => {
          this.#phase = "half-open";
          this.#turn("open", atMs);
        },
      };
    const waiting = this.#probes().filter((call) => call.verdict === undefined);
    if (this.state !== "half-open" || waiting.length === 0) return undefined;
    const oldestMs = Math.min(...waiting.map((call) => call.atMs));
    return {
      atMs: oldestMs + this.#options.probeLeaseMs,
      happen: (atMs) => this.#open(atMs),
    };
  }

  /** A new era: what was let through in an older one counts for nothing. */
  #turn(from: CircuitState, atMs: number): void {
    this.#era++;
    if (from !== this.state)
      this.transitions.push({ from, to: this.state, atMs });
  }
}
