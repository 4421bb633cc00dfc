import { InvalidOptionError } from "@dp/core";
import type { Counts } from "../circuit-state.ts";
import type { FlightWatch, Trip, TripDescription, TripWindow } from "./trip.ts";

/**
 * Opens when any of the trips would. Each sees every result and keeps what it needs by itself; the counts that are
 * shown are those of the first. Costs what they cost together.
 */
export const anyOf = (...trips: readonly Trip[]): Trip => {
  if (trips.length === 0)
    throw new InvalidOptionError("anyOf", trips, "at least one trip");
  for (const trip of trips)
    if (typeof (trip as Partial<Trip> | undefined)?.create !== "function")
      throw new InvalidOptionError("anyOf", trip, "a trip");
  return { create: () => new AnyOfWindow(trips.map((trip) => trip.create())) };
};

const strengths = ["nothing", "now", "elapsed"] as const;

const readsOf = (window: TripWindow): number =>
  strengths.indexOf(window.reads ?? "elapsed");

class AnyOfWindow implements TripWindow {
  readonly reads: TripWindow["reads"];
  readonly flights: FlightWatch | undefined;
  readonly #windows: readonly TripWindow[];

  constructor(windows: readonly TripWindow[]) {
    this.#windows = windows;
    this.reads = strengths[Math.max(...windows.map(readsOf))];
    const watches = windows.flatMap(({ flights }) => flights ?? []);
    if (watches.length > 0) this.flights = watchOf(watches);
  }

  success(now: number, elapsedMs: number): boolean {
    let tripped = false;
    for (const window of this.#windows)
      tripped = window.success(now, elapsedMs) || tripped;
    return tripped;
  }

  failure(now: number, elapsedMs: number): boolean {
    let tripped = false;
    for (const window of this.#windows)
      tripped = window.failure(now, elapsedMs) || tripped;
    return tripped;
  }

  reset(now: number): void {
    for (const window of this.#windows) window.reset(now);
  }

  counts(now: number): Counts {
    return (this.#windows[0] as TripWindow).counts(now);
  }

  isSlow(elapsedMs: number): boolean {
    return this.#windows.some((window) => window.isSlow?.(elapsedMs) === true);
  }

  early(now: number): boolean {
    return this.#windows.some((window) => window.early?.(now) === true);
  }

  save(now: number): unknown {
    return this.#windows.map((window) => window.save?.(now) ?? null);
  }

  load(saved: unknown, now: number, agoMs: number): void {
    const parts: readonly unknown[] = Array.isArray(saved) ? saved : [];
    for (const [index, window] of this.#windows.entries())
      if (window.load === undefined) window.reset(now);
      else window.load(parts[index], now, agoMs);
  }

  describe(now: number): TripDescription {
    const parts = this.#windows.flatMap(
      (window) => window.describe?.(now) ?? [],
    );
    const found = parts.flatMap((part) => part.found ?? []);
    const { total, failures } = this.counts(now);
    return {
      text: parts.map(({ text }) => text).join(" or "),
      data: { anyOf: parts.map(({ data }) => data) },
      found: [`${failures} of ${total} calls failed`, ...found].join(", "),
    };
  }
}

const watchOf = (watches: readonly FlightWatch[]): FlightWatch => ({
  begin: (now) => watches.map((watch) => watch.begin(now)),
  end: (flights) => {
    for (const [index, watch] of watches.entries())
      watch.end((flights as readonly unknown[])[index]);
  },
  trippedMs: (now) => {
    let first: number | undefined;
    for (const watch of watches) {
      const atMs = watch.trippedMs(now);
      if (atMs !== undefined && atMs < (first ?? Infinity)) first = atMs;
    }
    return first;
  },
});
