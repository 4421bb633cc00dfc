import type { Counts, Why } from "../circuit-state.ts";
import type { TripWindow } from "../trip/trip.ts";

const ms = (value: number): string =>
  value === Infinity ? "ever" : `${Math.round(value)} ms`;

/** The message of what a call failed with, so that no error object (and what hangs on it) is kept. */
const messageOf = (error: unknown): string | undefined =>
  error instanceof Error
    ? error.message
    : typeof error === "string"
      ? error
      : undefined;

const after = (error: string | undefined): string =>
  error === undefined ? "" : ` (last error: ${error})`;

const describe = (
  window: TripWindow,
  { failures, total }: Counts,
  now: number,
): { text: string; data: object; found: string } => {
  const { text, data, found } = window.describe?.(now) ?? {
    text: "what its trip says",
    data: {},
  };
  const usual = `${failures} of ${total} calls failed`;
  return { text, data, found: found ?? usual };
};

export const counting = (
  window: TripWindow,
  counts: Counts,
  now: number,
): Why => {
  const { text, data, found } = describe(window, counts, now);
  return {
    text: `${found}; opens at ${text}`,
    data: { cause: "counts", counts, trip: data },
  };
};

export const tripped = (
  window: TripWindow,
  now: number,
  openForMs: number,
  error: unknown,
): Why => {
  const counts = window.counts(now);
  const { text, data, found } = describe(window, counts, now);
  const lastError = messageOf(error);
  return {
    text: `${found}, which reaches ${text}; open for ${ms(openForMs)}${after(lastError)}`,
    data: { cause: "tripped", counts, trip: data, openForMs, lastError },
  };
};

/** Others have opened, and nothing known here speaks against it. */
export const hinted = (
  counts: Counts,
  others: number,
  openForMs: number,
): Why => ({
  text: `${others} others are open, and ${counts.failures} of ${counts.total} calls failed here; open for ${ms(openForMs)}`,
  data: { cause: "hinted", counts, others, openForMs },
});

export const probeFailed = (openForMs: number, error: unknown): Why => {
  const lastError = messageOf(error);
  return {
    text: `a probe failed; open for ${ms(openForMs)}${after(lastError)}`,
    data: { cause: "probe-failed", openForMs, lastError },
  };
};

export const probeExpired = (openForMs: number, leaseMs: number): Why => ({
  text: `a probe was not settled within its lease of ${ms(leaseMs)}; open for ${ms(openForMs)}`,
  data: { cause: "probe-expired", openForMs, leaseMs },
});

export const breakOver = (probes: number): Why => ({
  text: `the break is over; ${probes} probes must succeed`,
  data: { cause: "break-over", probes },
});

export const probeSlow = (openForMs: number, elapsedMs: number): Why => ({
  text: `a probe took ${ms(elapsedMs)}, which is too slow; open for ${ms(openForMs)}`,
  data: { cause: "probe-slow", openForMs, elapsedMs },
});

export const probesPassed = (probes: number): Why => ({
  text: `all ${probes} probes succeeded`,
  data: { cause: "probes-passed", probes },
});

export const isolated = (reasons: readonly string[]): Why => ({
  text: `isolated: ${reasons.join("; ")}`,
  data: { cause: "isolated", reasons },
});

export const released: Why = {
  text: "isolation was released",
  data: { cause: "released" },
};

export const restored: Why = {
  text: "it was restored from a snapshot",
  data: { cause: "restored" },
};

export const reset: Why = {
  text: "it was reset",
  data: { cause: "reset" },
};
