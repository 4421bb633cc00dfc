const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line === "") line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
};

const rowLines = (
  cells: readonly string[],
  widths: readonly number[],
): string => {
  const columns = cells.map((cell, index) => wrap(cell, widths[index] ?? 20));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) =>
    columns
      .map((lines, index) => (lines[at] ?? "").padEnd(widths[index] ?? 20))
      .join(" │ ")
      .trimEnd(),
  ).join("\n");
};

/** Prints a table whose cells are wrapped to the widths given. */
export const printTable = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): void => {
  const rule = widths.map((width) => "─".repeat(width)).join("─┼─");
  console.log(`\n${rowLines(headings, widths)}\n${rule}`);
  for (const row of rows) console.log(`${rowLines(row, widths)}\n${rule}`);
};
