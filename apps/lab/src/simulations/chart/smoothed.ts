/** Points of the means over `stretch` values each, at the middle of each: single values are ragged by chance. */
export const smoothed = (
  values: readonly number[],
  stretch: number,
): (readonly [x: number, y: number])[] =>
  Array.from({ length: Math.floor(values.length / stretch) }, (_, place) => {
    const from = place * stretch;
    const within = values.slice(from, from + stretch);
    const sum = within.reduce((total, value) => total + value, 0);
    return [from + stretch / 2, sum / stretch] as const;
  });
