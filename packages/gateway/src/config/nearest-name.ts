/**
 * The known name that a misspelt one most likely means: the one with the fewest single-character edits and swaps of
 * neighbours, at most a third of its length (but one is always allowed); `undefined` when none is that near.
 */
export const nearestName = (
  name: string,
  known: Iterable<string>,
): string | undefined => {
  let best: string | undefined;
  let fewest = Infinity;
  for (const candidate of known) {
    const allowed = Math.max(
      1,
      Math.floor(Math.max(name.length, candidate.length) / 3),
    );
    // Names are short; a long text is no misspelling of one.
    if (Math.abs(name.length - candidate.length) > allowed) continue;
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= allowed && edits < fewest) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
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
