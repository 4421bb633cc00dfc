/**
 * The field names a Connection line lists, in lower case (RFC 9110 section 7.6.1). They end here together with
 * Connection itself, apart from those no peer may switch off: the caller takes these out of the set.
 */
export const namedByConnection = (value: string): Set<string> =>
  new Set(
    value
      .toLowerCase()
      .split(",")
      .map((token) => token.trim())
      .filter((token) => token !== ""),
  );
