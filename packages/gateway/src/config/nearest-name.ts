/**
 * The known name that a misspelt one most likely means: the one with the fewest single-character edits and swaps of
 * neighbours, at most a third of its length (but one is always allowed), else one that it begins or that begins it;
 * `undefined` when none is that near.
 */
export const nearestName = (
  name: string,
  known: Iterable<string>,
): string | undefined => {
  let best: string | undefined;
  let fewest = Infinity;
  for (const candidate of known) {
    const edits = likelyEdits(name.toLowerCase(), candidate.toLowerCase());
    if (edits >= fewest) continue;
    best = candidate;
    fewest = edits;
  }
  return best;
};

/** Infinity for a name that does not mean the other. */
const likelyEdits = (name: string, candidate: string): number => {
  const [short, long] =
    name.length < candidate.length ? [name, candidate] : [candidate, name];
  const allowed = Math.max(1, Math.floor(long.length / 3));
  // The comparison by characters is not for long texts: those are no misspelling.
  if (long.length - short.length <= allowed) {
    const edits = editDistance(name, candidate);
    if (edits <= allowed) return edits;
  }
  return short.length >= 3 && long.startsWith(short) ? long.length : Infinity;
};

/** Optimal string alignment distance (Damerau 1964, each place edited once): O(a x b) time, three rows of memory. */
export const editDistance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1]
      )
        edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
};

const at = (row: readonly number[], column: number): number =>
  row[column] ?? Infinity;
