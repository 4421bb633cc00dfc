import { InvalidOptionError } from "@dp/core";

/**
 * Who is charged: one subject for every policy, or one for each. `'x'` and `{ a: 'x', b: 'x' }` are the same.
 */
export type Keys<P extends string> = string | { readonly [K in P]: string };

/**
 * The subject of every policy, in the order of `names`, written into `subjects`.
 * Throws `InvalidOptionError` for a subject that is no string: an undefined user id must not become one shared bucket.
 */
export const readSubjects = <P extends string>(
  keys: Keys<P>,
  names: readonly P[],
  subjects: string[],
): void => {
  if (typeof keys === "string") {
    for (let index = 0; index < names.length; index++) subjects[index] = keys;
    return;
  }
  if (typeof keys !== "object" || (keys as unknown) === null)
    throw new InvalidOptionError("keys", keys, "a string or an object");
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as P;
    const subject: unknown = keys[name];
    if (typeof subject !== "string")
      throw new InvalidOptionError(`keys.${name}`, subject, "a string");
    subjects[index] = subject;
  }
};
