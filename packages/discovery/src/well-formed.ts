import { InvalidOptionError } from "@dp/core";

/**
 * `text` if it can be written as UTF-8; throws `InvalidOptionError` otherwise. Half of a surrogate pair cannot: two such
 * names would become one.
 */
export const requireWellFormed = (option: string, text: string): string => {
  if (!/\p{Surrogate}/u.test(text)) return text;
  throw new InvalidOptionError(option, text, "well-formed Unicode");
};
