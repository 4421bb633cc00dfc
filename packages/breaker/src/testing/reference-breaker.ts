import type { CircuitState, Counts } from "../circuit-state.ts";
import {
  isSlow,
  limits,
  remembered,
  trips,
  tripsInFlight,
  type Facts,
  type ReferenceTrip,
  type Result,
} from "./reference-trip.ts";

export interface ReferenceBreakerOptions {
  readonly trip: ReferenceTrip;
  /** The length of the nth break that counts, 1 for the first. */
  readonly openForMs: (opening: number) => number;
  readonly probes: number;
  readonly probeLeaseMs: number;
  /** 0: none. */
  readonly rampMs: number;
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
  #results: Result[] = [];
  #now: number;
  /** What is under the isolations. */
  #phase: Exclude<CircuitState, "isolated"> = "closed";
  #untilMs = 0;
  #era = 0;
  #breaks = 0;
  #breakMs = 0;
  /** When probes closed it last. */
  #closedAtMs: number | undefined;
  #rampCredit = 0;
  /** Up to here calls under way have been looked at. */
  #lookedAtMs: number;
  #isolated = 0;

  constructor(options: ReferenceBreakerOptions, now = 0) {
    this.#options = options;
    this.#now = now;
    this.#lookedAtMs = now;
  }

  get state(): CircuitState {
    return this.#isolations.size > 0 ? "isolated" : this.#phase;
  }

  /** What the trip remembers. */
  get counts(): Counts {
    const results = remembered(this.#options.trip, this.#facts());
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
    if (!probe && !this.#rampAdmits()) return undefined;
    return this.#calls.push({ atMs: this.#now, era: this.#era, probe }) - 1;
  }

  /** Whether the result counted for anything. */
  settle(id: number, verdict: "success" | "failure" | "ignore"): boolean {
    const call = this.#calls[id];
    if (call === undefined || call.verdict !== undefined) return false;
    call.verdict = verdict;
    if (call.era !== this.#era) return false;
    const elapsedMs = this.#now - call.atMs;
    const success = verdict === "success";
    if (call.probe) {
      if (success && isSlow(this.#options.trip, elapsedMs))
        call.verdict = "failure";
      this.#decideProbes();
    } else if (verdict !== "ignore") {
      this.#results.push({ atMs: this.#now, elapsedMs, success });
      if (trips(this.#options.trip, this.#facts())) this.#open(this.#now);
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
    this.#breaks = 0;
    this.#breakMs = 0;
    this.#closedAtMs = undefined;
    this.#close();
  }

  #close(): void {
    const from = this.state;
    this.#phase = "closed";
    this.#results = [];
    this.#rampCredit = 0;
    this.#turn(from, this.#now);
  }

  #probes(): Call[] {
    return this.#calls.filter((call) => call.probe && call.era === this.#era);
  }

  #facts(): Facts {
    const beganMs = this.#underWay().map((call) => call.atMs);
    return { now: this.#now, results: this.#results, beganMs };
  }

  /** Calls of this era that have no result yet. */
  #underWay(): Call[] {
    return this.#calls.filter(
      (call) => call.era === this.#era && call.verdict === undefined,
    );
  }

  #rampAdmits(): boolean {
    const { rampMs } = this.#options;
    const passedMs = this.#now - (this.#closedAtMs ?? -Infinity);
    if (passedMs >= rampMs) return true;
    this.#rampCredit += 0.1 + 0.9 * (passedMs / rampMs);
    if (this.#rampCredit < 1) return false;
    this.#rampCredit -= 1;
    return true;
  }

  #decideProbes(): void {
    const verdicts = this.#probes().map((call) => call.verdict);
    const passed = verdicts.filter((verdict) => verdict === "success").length;
    if (verdicts.includes("failure")) this.#open(this.#now);
    else if (passed >= this.#options.probes) {
      this.#closedAtMs = this.#now;
      this.#close();
    }
  }

  #open(atMs: number): void {
    const from = this.state;
    if (this.#closedAtMs !== undefined) {
      const closedForMs = atMs - this.#closedAtMs;
      const forgotten =
        this.#breakMs > 0 ? Math.floor(closedForMs / this.#breakMs) : Infinity;
      this.#breaks = Math.max(0, this.#breaks - forgotten);
      this.#closedAtMs = undefined;
    }
    this.#phase = "open";
    this.#breakMs = this.#options.openForMs(++this.#breaks);
    this.#untilMs = atMs + this.#breakMs;
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
    if (this.state === "closed") return this.#nextLook();
    const waiting = this.#probes().filter((call) => call.verdict === undefined);
    if (this.state !== "half-open" || waiting.length === 0) return undefined;
    const oldestMs = Math.min(...waiting.map((call) => call.atMs));
    return {
      atMs: oldestMs + this.#options.probeLeaseMs,
      happen: (atMs) => this.#open(atMs),
    };
  }

  /** The next time at which a call under way becomes slow. */
  #nextLook(): { atMs: number; happen: (atMs: number) => void } | undefined {
    const dues = this.#underWay()
      .flatMap((call) =>
        limits(this.#options.trip).map((limitMs) => call.atMs + limitMs),
      )
      .filter((dueMs) => dueMs > this.#lookedAtMs);
    if (dues.length === 0) return undefined;
    return {
      atMs: Math.min(...dues),
      happen: (atMs) => {
        this.#lookedAtMs = atMs;
        if (tripsInFlight(this.#options.trip, this.#facts())) this.#open(atMs);
      },
    };
  }

  /** A new era: what was let through in an older one counts for nothing. */
  #turn(from: CircuitState, atMs: number): void {
    this.#era++;
    if (from !== this.state)
      this.transitions.push({ from, to: this.state, atMs });
  }
}
