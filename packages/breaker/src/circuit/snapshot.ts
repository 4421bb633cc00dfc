import { InvalidOptionError } from "@dp/core";
import type { Breaks } from "./breaks.ts";
import type { BreakerSnapshot } from "../circuit-state.ts";
import type { CircuitParts } from "./inspection.ts";
import type { TripWindow } from "../trip/trip.ts";

/** JSON has no Infinity. */
const toJsonMs = (ms: number): number | null => (ms === Infinity ? null : ms);

const fromJsonMs = (ms: number | null | undefined): number =>
  ms === null ? Infinity : (ms ?? 0);

export const snapshotOf = (
  { now, phase, breaks, window, why }: CircuitParts,
  wallNow: number,
): BreakerSnapshot => ({
  version: 1,
  takenAtMs: wallNow,
  state: phase.state,
  remainingMs:
    phase.state === "open"
      ? toJsonMs(Math.max(0, phase.untilMs - now))
      : undefined,
  breaks: { count: breaks.count, lastMs: toJsonMs(breaks.lastMs) },
  closedForMs:
    breaks.closedAtMs === undefined ? undefined : now - breaks.closedAtMs,
  why,
  window: window.save?.(now),
});

/**
 * Puts what a snapshot says into empty breaks and an empty window. Returns how long an open circuit still refuses. A
 * wall clock that went back says nothing about how long ago the snapshot was taken: then it was just now.
 */
export const restoreParts = (
  { state, remainingMs, breaks: saved, ...snapshot }: BreakerSnapshot,
  breaks: Breaks,
  window: TripWindow,
  now: number,
  wallNow: number,
): number => {
  const agoMs = Math.max(0, wallNow - snapshot.takenAtMs);
  const lastMs = fromJsonMs(saved.lastMs);
  const leftMs = Math.max(0, fromJsonMs(remainingMs) - agoMs);
  const { closedForMs } = snapshot;
  breaks.restore(
    saved.count,
    lastMs,
    state === "closed" ? undefined : now - Math.max(0, lastMs - leftMs),
    closedForMs === undefined ? undefined : now - closedForMs - agoMs,
  );
  window.load?.(snapshot.window, now, agoMs);
  return leftMs;
};

/** `value` if it is a snapshot; it may come from a file that somebody else wrote. */
export const requireSnapshot = (value: BreakerSnapshot): BreakerSnapshot => {
  const bad = faultIn(value);
  if (bad !== undefined)
    throw new InvalidOptionError("snapshot", value, `a snapshot ${bad}`);
  return value;
};

const faultIn = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null) return "object";
  const { version, takenAtMs, state, remainingMs, breaks, closedForMs, why } =
    value as { readonly [K in keyof BreakerSnapshot]?: unknown };
  if (version !== 1) return "of version 1";
  if (!isMs(takenAtMs)) return "with takenAtMs in milliseconds";
  if (state !== "closed" && state !== "open" && state !== "half-open")
    return "whose state is closed, open or half-open";
  if (state === "open" && remainingMs !== null && !isMs(remainingMs))
    return "with remainingMs in milliseconds or null";
  if (closedForMs !== undefined && !isMs(closedForMs))
    return "with closedForMs in milliseconds";
  const { count, lastMs } = (breaks ?? {}) as Record<string, unknown>;
  if (!Number.isSafeInteger(count) || (count as number) < 0)
    return "with breaks.count of at least 0";
  if (lastMs !== null && !isMs(lastMs))
    return "with breaks.lastMs in milliseconds or null";
  const { text } = (why ?? {}) as Record<string, unknown>;
  return typeof text === "string" ? undefined : "with why.text";
};

const isMs = (value: unknown): boolean =>
  typeof value === "number" && value >= 0 && value < Infinity;
