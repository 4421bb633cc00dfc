import { durationMs, type Duration } from "./duration.ts";
import { InvalidOptionError } from "./errors.ts";

const range = (minimum: number, maximum: number): string =>
  maximum === Infinity
    ? `of at least ${minimum}`
    : `from ${minimum} to ${maximum}`;

/** `value` if it is an integer in the bounds (both included); throws {@link InvalidOptionError} otherwise. */
export const requireInteger = (
  option: string,
  value: unknown,
  minimum: number = 0,
  maximum: number = Number.MAX_SAFE_INTEGER,
): number => {
  if (
    Number.isSafeInteger(value) &&
    (value as number) >= minimum &&
    (value as number) <= maximum
  )
    return value as number;
  throw new InvalidOptionError(
    option,
    value,
    `an integer ${range(minimum, maximum === Number.MAX_SAFE_INTEGER ? Infinity : maximum)}`,
  );
};

/** `value` if it is a number (not NaN) in the bounds, both included; throws {@link InvalidOptionError} otherwise. */
export const requireNumber = (
  option: string,
  value: unknown,
  minimum: number,
  maximum: number = Infinity,
): number => {
  if (typeof value === "number" && value >= minimum && value <= maximum)
    return value;
  throw new InvalidOptionError(
    option,
    value,
    `a number ${range(minimum, maximum)}`,
  );
};

/** The milliseconds of `value` if they are in the bounds, both included; throws {@link InvalidOptionError} otherwise. */
export const requireDuration = (
  option: string,
  value: Duration,
  minimumMs: number = 0,
  maximumMs: number = Infinity,
): number => {
  const ms = durationMs(value, option);
  if (ms >= minimumMs && ms <= maximumMs) return ms;
  throw new InvalidOptionError(
    option,
    value,
    `a duration of ${maximumMs === Infinity ? `at least ${minimumMs} ms` : `${minimumMs} to ${maximumMs} ms`}`,
  );
};

/** `value` if it is a string of at least one character; throws {@link InvalidOptionError} otherwise. */
export const requireText = (option: string, value: unknown): string => {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidOptionError(option, value, "a string that is not empty");
};

/** `value` if it is one of `allowed`; throws {@link InvalidOptionError} naming them otherwise. */
export const requireOneOf = <const T extends string>(
  option: string,
  value: unknown,
  allowed: readonly T[],
): T => {
  if (allowed.includes(value as T)) return value as T;
  throw new InvalidOptionError(
    option,
    value,
    `one of ${allowed.map((each) => `'${each}'`).join(", ")}`,
  );
};
