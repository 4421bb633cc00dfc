/** The one of `names` that a misspelt one most likely means: at most a third of its letters differ, but two may. */
export const nearestName = (
  misspelt: string,
  names: readonly string[],
): string | undefined => {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const name of names) {
    const edits = editsBetween(misspelt.toLowerCase(), name.toLowerCase());
    if (edits > Math.max(2, name.length / 3) || edits >= fewest) continue;
    nearest = name;
    fewest = edits;
  }
  return nearest;
};

/** Levenshtein's distance, in one row of memory. `Infinity` for lengths that differ too much to be a misspelling. */
const editsBetween = (from: string, to: string): number => {
  if (Math.abs(from.length - to.length) > to.length) return Infinity;
  const row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let index = 0; index < from.length; index++) {
    let diagonal = index;
    row[0] = index + 1;
    for (let column = 1; column <= to.length; column++) {
      const above = row[column] as number;
      const left = row[column - 1] as number;
      const same = from[index] === to[column - 1] ? 0 : 1;
      row[column] = Math.min(above + 1, left + 1, diagonal + same);
      diagonal = above;
    }
  }
  return row[to.length] as number;
};
