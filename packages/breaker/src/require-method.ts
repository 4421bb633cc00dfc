import { InvalidOptionError } from "@dp/core";

/** `value` if it has the method: strategies come from users too, and a wrong one would fail in the middle of a call. */
export const requireMethod = <T extends object>(
  option: string,
  value: T,
  method: keyof T & string,
): T => {
  if (typeof value === "object" && typeof value[method] === "function")
    return value;
  throw new InvalidOptionError(
    option,
    value,
    `an object with a ${method} method`,
  );
};
