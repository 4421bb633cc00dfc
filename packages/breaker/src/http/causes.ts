/** Chains are short; one that is longer is a loop or a joke. */
const most = 32;

/** The error and what is behind it: causes, and the errors of an `AggregateError`. Each once, 32 of them at most. */
export const causesOf = (error: unknown): Iterable<object> => {
  const found = new Set<object>();
  const add = (value: unknown): void => {
    if (typeof value === "object" && value !== null && found.size < most)
      found.add(value);
  };
  add(error);
  // A set's iteration comes to what is added meanwhile too.
  for (const each of found) {
    const { cause, errors } = each as { cause?: unknown; errors?: unknown };
    add(cause);
    if (Array.isArray(errors))
      for (const one of errors.slice(0, most)) add(one);
  }
  return found;
};
