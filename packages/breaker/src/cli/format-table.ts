/** A column: numbers stand on the right, so that they can be compared. */
export interface TableColumn {
  readonly head: string;
  readonly isNumber: boolean;
}

/** Rows below their heads as lines, indented. */
export const formatTable = (
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): readonly string[] => {
  const heads = columns.map(({ head }) => head);
  const lines = [heads, ...rows].map((row) => row.map(printable));
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((row) => row[column]?.length ?? 0)),
  );
  return lines.map((row) => {
    const cells = columns.map(({ isNumber }, column) => {
      const [cell = "", width = 0] = [row[column], widths[column]];
      return isNumber ? cell.padStart(width) : cell.padEnd(width);
    });
    return `  ${cells.join("  ")}`.trimEnd();
  });
};

/** Text that keeps to its line and does nothing to a terminal. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "\ufffd");
