import { InvalidOptionError } from "./errors.ts";

/** Milliseconds, or a number with a unit: `250`, `'250ms'`, `'30s'`, `'5m'`, `'2h'`, `'1d'`, `'1.5s'`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const unitMs = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const;

/**
 * The milliseconds of a duration, at least 0; `Infinity` only when given as a number.
 * Throws {@link InvalidOptionError} naming `option` for anything else.
 */
export const durationMs = (value: Duration, option = "duration"): number => {
  if (typeof value === "number") {
    if (value >= 0) return value;
  } else if (typeof value === "string") {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value);
    const ms =
      match === null
        ? NaN
        : Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
    if (Number.isFinite(ms)) return ms;
  }
  throw new InvalidOptionError(
    option,
    value,
    "milliseconds of at least 0, or a number with a unit like '250ms', '30s', '5m', '2h', '1d'",
  );
};
