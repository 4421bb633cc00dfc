import { recentMs, type Clock } from "@dp/core";
import type { Counts, Why } from "../circuit-state.ts";
import type { Hint } from "../hints/hint-channel.ts";
import { Quorum } from "../hints/quorum.ts";
import * as reasons from "./reasons.ts";
import type { Trip, TripWindow } from "../trip/trip.ts";

/** What a closed circuit knows about its service: its own results first, then what others say. */
export class Evidence {
  readonly window: TripWindow;
  /** Whether the time at which a call begins matters to the trip. */
  readonly readsElapsed: boolean;
  /** Whether calls under way can trip it. */
  readonly watches: boolean;
  readonly #readsNow: boolean;
  readonly #quorum: Quorum | undefined;

  constructor(trip: Trip, quorum: number | undefined) {
    this.window = trip.create();
    const { reads = "elapsed", flights } = this.window;
    this.#readsNow = reads !== "nothing";
    this.readsElapsed = reads === "elapsed";
    this.watches = flights !== undefined;
    if (quorum !== undefined) this.#quorum = new Quorum(quorum);
  }

  /** Counts a success. True: open now. */
  succeed(clock: Clock, issuedAtMs: number): boolean {
    if (this.readsElapsed) {
      const now = clock.now();
      return this.window.success(now, now - issuedAtMs);
    }
    // A look at the clock would cost more than all the rest. A success may be dated a round of the event loop too early.
    return this.window.success(this.#readsNow ? recentMs(clock) : 0, 0);
  }

  /** Counts a failure. True: open now. */
  fail(clock: Clock, issuedAtMs: number): boolean {
    const now = this.#readsNow ? clock.now() : 0;
    return this.window.failure(now, now - issuedAtMs);
  }

  hear(hint: Hint, now: number): void {
    this.#quorum?.hear(hint, now);
  }

  /**
   * Counts and the number of others, if those are enough to open without waiting for the trip's minimum. What has been
   * seen here comes first: unless that is nothing at all, it must reach the trip's threshold.
   */
  quorum(now: number): { counts: Counts; others: number } | undefined {
    const others = this.#quorum?.agreeing(now);
    if (others === undefined) return undefined;
    const counts = this.window.counts(now);
    const { total, failures } = counts;
    const agrees =
      total === 0 || (this.window.early?.(now) ?? 2 * failures >= total);
    return agrees ? { counts, others } : undefined;
  }

  /** Why it trips now. */
  explain(now: number, openForMs: number, error: unknown): Why {
    return reasons.tripped(this.window, now, openForMs, error);
  }

  forget(now: number): void {
    this.window.reset(now);
    this.#quorum?.forget();
  }
}
