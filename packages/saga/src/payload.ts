/**
 * `value` as JSON text. Throws a TypeError for what JSON cannot carry (bigint, cycle, function, symbol) and a RangeError
 * for more than `maxBytes`.
 */
export const encodePayload = (value: unknown, maxBytes: number): string => {
  // Undefined for a function or a symbol, whatever its type says.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined)
    throw new TypeError(`JSON cannot carry a ${typeof value}`);
  // A UTF-16 unit is at most three bytes of UTF-8: short texts need no counting.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes)
      throw new RangeError(
        `${bytes} bytes of JSON, at most ${maxBytes} allowed`,
      );
  }
  return text;
};

/** A fresh copy of the value. */
export const decodePayload = (text: string | undefined): unknown =>
  text === undefined ? undefined : (JSON.parse(text) as unknown);

/** JSON text of the value with the keys of all objects sorted: equal for inputs that mean the same. */
export const canonicalJson = (text: string): string =>
  JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : value,
  );
