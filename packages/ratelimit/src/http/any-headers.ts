/** Header fields in the shapes that HTTP clients give them. */
export type AnyHeaders =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * Looks up fields of `headers` by their name in lower case. The lines of one field are one value, joined by commas
 * (RFC 9110, 5.3), without the blanks around it.
 */
export const fieldsOf = (
  headers: AnyHeaders,
): ((name: string) => string | undefined) => {
  const values = new Map<string, string>();
  for (const [name, value] of pairsOf(headers)) {
    const key = name.toLowerCase();
    const before = values.get(key);
    values.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return (name) => values.get(name)?.trim();
};

function* pairsOf(headers: AnyHeaders): Iterable<readonly [string, string]> {
  if (isIterable(headers)) {
    yield* headers;
    return;
  }
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      yield [name, typeof value === "object" ? value.join(", ") : `${value}`];
}

const isIterable = (
  headers: AnyHeaders,
): headers is Iterable<readonly [string, string]> => Symbol.iterator in headers;
