import type { Counts, Why } from "./circuit-state.ts";
import type { TripWindow } from "./trip/trip.ts";

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

const describe = (window: TripWindow): { text: string; data: object } =>
  window.describe?.() ?? { text: "what its trip says", data: {} };

export const counting = (window: TripWindow, counts: Counts): Why => {
  const { text, data } = describe(window);
  return {
    text: `${counts.failures} of ${counts.total} calls failed; opens at ${text}`,
    data: { cause: "counts", counts, trip: data },
  };
};

export const tripped = (
  window: TripWindow,
  counts: Counts,
  openForMs: number,
  error: unknown,
): Why => {
  const { text, data } = describe(window);
  const lastError = messageOf(error);
  return {
    text: `${counts.failures} of ${counts.total} calls failed, which reaches ${text}; open for ${ms(openForMs)}${after(lastError)}`,
    data: { cause: "tripped", counts, trip: data, openForMs, lastError },
  };
};

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

export const reset: Why = {
  text: "it was reset",
  data: { cause: "reset" },
};
