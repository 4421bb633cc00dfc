/** Rows as lines with their columns below each other, indented. */
export const formatRows = (
  rows: readonly (readonly string[])[],
): readonly string[] => {
  if (rows.length === 0) return ["  none"];
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
};
