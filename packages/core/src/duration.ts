import { InvalidOptionError } from "./errors.ts";

/** Milliseconds, or a number with a unit: `250`, `'250ms'`, `'30s'`, `'5m'`, `'2h'`, `'1d'`, `'1.5s'`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

// factor * 10^exponent milliseconds: shifting the decimal point before parsing keeps '1.005s' exactly 1005.
const units = {
  ms: [1, 0],
  s: [1, 3],
  m: [6, 4],
  h: [36, 5],
  d: [864, 5],
} as const;

/**
 * The milliseconds of a duration, at least 0; `Infinity` only when given as a number. Text is digits, an optional
 * decimal part and one unit, with no sign, exponent or space, although the type cannot forbid all of these.
 * Throws {@link InvalidOptionError} naming `option` for anything else.
 */
export const durationMs = (value: Duration, option = "duration"): number => {
  if (typeof value === "number") {
    if (value >= 0) return value;
  } else if (typeof value === "string") {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value);
    if (match !== null) {
      const [factor, exponent] = units[match[2] as keyof typeof units];
      const ms = Number(`${match[1] as string}e${exponent}`) * factor;
      if (Number.isFinite(ms)) return ms;
    }
  }
  throw new InvalidOptionError(
    option,
    value,
    "milliseconds of at least 0, or a number with a unit like '250ms', '30s', '5m', '2h', '1d'",
  );
};
