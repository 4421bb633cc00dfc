import {
  requireDuration,
  requireInteger,
  requireNumber,
  type Duration,
} from "@dp/core";
import type { Counts } from "../circuit-state.ts";
import { Flights, type Flight } from "../window/flights.ts";
import { TimeBuckets } from "../window/time-buckets.ts";
import type { FlightWatch, Trip, TripDescription, TripWindow } from "./trip.ts";

/** What a {@link slowRate} calls slow, and how it looks back. */
export interface SlowRateOptions {
  /** A call that takes this long or longer is slow. At least 1 ms. */
  readonly over: Duration;
  /** How long a result counts. At least 1 ms. */
  readonly window: Duration;
  /** No decision before this many calls are counted. At least 1. */
  readonly minimum: number;
  /**
   * Whether a call under way counts as slow as soon as it has taken `over`. Without that a service that hangs is
   * noticed when the calls end, which is when their timeout strikes.
   *
   * @defaultValue true
   */
  readonly inFlight?: boolean | undefined;
  /** Into how many equal parts the window is cut. 1 to 1000. @defaultValue 10 */
  readonly buckets?: number | undefined;
}

/**
 * Opens when at least `threshold` (0 to 1, excluding 0) of the calls in the last `window` were slow, whether they
 * succeeded or failed, `minimum` calls or more being there. Decided after every result, and when a call under way
 * becomes slow, with `>=`. A probe that is slow has failed.
 *
 * For services that answer late rather than wrongly; `anyOf(failureRate(…), slowRate(…))` watches both. Memory is
 * 32 bytes a bucket, and one small object for each call under way.
 */
export const slowRate = (threshold: number, options: SlowRateOptions): Trip => {
  requireNumber("threshold", threshold, Number.MIN_VALUE, 1);
  const overMs = requireDuration("over", options.over, 1);
  const windowMs = requireDuration(
    "window",
    options.window,
    1,
    Number.MAX_SAFE_INTEGER,
  );
  const minimum = requireInteger("minimum", options.minimum, 1);
  const buckets = requireInteger("buckets", options.buckets ?? 10, 1, 1_000);
  const watches = options.inFlight ?? true;
  return {
    create: () =>
      new SlowRateWindow(
        { threshold, overMs, windowMs, minimum, buckets },
        watches,
      ),
  };
};

interface SlowRateSettings {
  readonly threshold: number;
  readonly overMs: number;
  readonly windowMs: number;
  readonly minimum: number;
  readonly buckets: number;
}

class SlowRateWindow implements TripWindow {
  readonly reads = "elapsed";
  readonly flights: FlightWatch | undefined;
  readonly #settings: SlowRateSettings;
  /** Successes first, failures second. */
  readonly #results: TimeBuckets;
  /** Fast calls first, slow ones second. */
  readonly #speeds: TimeBuckets;
  readonly #flying: Flights;

  constructor(settings: SlowRateSettings, watches: boolean) {
    const { windowMs, buckets, overMs } = settings;
    this.#settings = settings;
    this.#results = new TimeBuckets(windowMs, buckets);
    this.#speeds = new TimeBuckets(windowMs, buckets);
    this.#flying = new Flights(overMs);
    if (watches)
      this.flights = {
        begin: (now) => this.#flying.begin(now),
        end: (flight) => this.#flying.end(flight as Flight),
        trippedMs: (now) => this.#trippedMs(now),
      };
  }

  success(now: number, elapsedMs: number): boolean {
    this.#results.addFirst(now);
    return this.#timed(now, elapsedMs);
  }

  failure(now: number, elapsedMs: number): boolean {
    this.#results.addSecond(now);
    return this.#timed(now, elapsedMs);
  }

  reset(now: number): void {
    this.#results.clear(now);
    this.#speeds.clear(now);
    this.#flying.clear();
  }

  counts(now: number): Counts {
    this.#results.advance(now);
    const { firsts: successes, seconds: failures } = this.#results;
    return { total: successes + failures, successes, failures };
  }

  isSlow(elapsedMs: number): boolean {
    return elapsedMs >= this.#settings.overMs;
  }

  early(now: number): boolean {
    this.#speeds.advance(now);
    return this.#reaches(1);
  }

  describe(now: number): TripDescription {
    const { threshold, overMs, windowMs, minimum } = this.#settings;
    this.#speeds.advance(now);
    const slow = this.#speeds.seconds;
    const { overdue } = this.#flying;
    const underWay = overdue === 0 ? "" : ` and ${overdue} under way`;
    return {
      text: `${threshold * 100} % calls of ${overMs} ms or longer among at least ${minimum} in ${windowMs} ms`,
      data: {
        slowRate: threshold,
        overMs,
        minimum,
        windowMs,
        slow,
        slowUnderWay: overdue,
      },
      found: `${slow} of ${this.#speeds.firsts + slow} calls${underWay} took ${overMs} ms or longer`,
    };
  }

  save(now: number): unknown {
    return {
      results: this.#results.save(now),
      speeds: this.#speeds.save(now),
    };
  }

  load(saved: unknown, now: number, agoMs: number): void {
    this.reset(now);
    const { results, speeds } = (saved ?? {}) as Record<string, unknown>;
    this.#results.load(results, now, agoMs);
    this.#speeds.load(speeds, now, agoMs);
  }

  #timed(now: number, elapsedMs: number): boolean {
    if (this.isSlow(elapsedMs)) this.#speeds.addSecond(now);
    else this.#speeds.addFirst(now);
    return this.#reaches(this.#settings.minimum);
  }

  #reaches(minimum: number): boolean {
    const slow = this.#speeds.seconds + this.#flying.overdue;
    const total = this.#speeds.firsts + slow;
    return total >= minimum && slow / total >= this.#settings.threshold;
  }

  #trippedMs(now: number): number | undefined {
    const { minimum } = this.#settings;
    for (
      let dueMs = this.#flying.nextDueMs;
      dueMs <= now;
      dueMs = this.#flying.nextDueMs
    ) {
      this.#flying.markNext();
      this.#speeds.advance(dueMs);
      if (this.#reaches(minimum)) return dueMs;
    }
    return undefined;
  }
}
