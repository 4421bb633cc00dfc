import { InvalidOptionError } from "@dp/core";

/** `value` if it is a text that is not empty; throws `InvalidOptionError`, which does not show it, otherwise. */
export const requireSecret = (option: string, value: unknown): string => {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidOptionError(
    option,
    value === "" ? value : `(a ${typeof value})`,
    "a string that is not empty",
  );
};

/** A text that may be a URL, fit to be shown: without the name and password in it. */
export const withoutCredentials = (value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/\/\/[^/]*@/, "//(hidden)@")
    : value;
