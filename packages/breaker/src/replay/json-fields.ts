import { InvalidOptionError } from "@dp/core";
import { nearestName } from "./nearest-name.ts";

/** The fields of a JSON object, of which nothing is known yet. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** What a message calls a field: `configurations[1].trip` and `window` give `configurations[1].trip.window`. */
export const pathTo = (path: string, field: string): string =>
  path === "" ? field : `${path}.${field}`;

/** `value` if it is an object; throws `InvalidOptionError` otherwise. */
export const requireFields = (path: string, value: unknown): JsonFields => {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as JsonFields;
  throw new InvalidOptionError(path || "the file", value, "a JSON object");
};

/**
 * Throws `InvalidOptionError` for a field that is none of `names`, naming the nearest, and for one that is null: what
 * is not said is left out.
 */
export const requireNames = (
  path: string,
  fields: JsonFields,
  names: readonly string[],
): void => {
  for (const [name, value] of Object.entries(fields)) {
    if (!names.includes(name)) throw unknownName(path, name, names);
    if (value === null)
      throw new InvalidOptionError(
        pathTo(path, name),
        value,
        "left out or have a value",
      );
  }
};

export const unknownName = (
  path: string,
  name: string,
  names: readonly string[],
): InvalidOptionError => {
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return new InvalidOptionError(
    pathTo(path, name),
    name,
    `named as one of ${names.join(", ")}${hint}`,
  );
};

/**
 * What `create` makes; an `InvalidOptionError` from it names the option by its whole path. `threshold` is what the
 * option of that name is called in JSON.
 */
export const atPath = <T>(
  path: string,
  create: () => T,
  threshold = "threshold",
): T => {
  try {
    return create();
  } catch (error) {
    if (!InvalidOptionError.is(error)) throw error;
    const option = error.option === "threshold" ? threshold : error.option;
    throw new InvalidOptionError(
      pathTo(path, option),
      error.value,
      error.bound,
    );
  }
};
