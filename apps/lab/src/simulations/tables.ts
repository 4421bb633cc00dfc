import type { Exhibit } from "./exhibit.ts";

/** Where the figures stand. */
export const readmeFile = new URL("../../README.md", import.meta.url);

/** The figures as a Markdown table, in columns that line up as prettier has them. */
export const tableText = ({ table }: Exhibit): string => {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(3, ...table.map((cells) => cells[column]?.length ?? 0)),
  );
  const lines = table.map((cells) =>
    cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }),
  );
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const [titles = [], ...rows] = lines;
  return [titles, rule, ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
};

/** The README with each exhibit's table in place of the one with the same titles; throws where there is none. */
export const withTables = (
  readme: string,
  exhibits: readonly Exhibit[],
): string =>
  exhibits.reduce((text, exhibit) => {
    const table = tableText(exhibit);
    const isTitles = (line: string): boolean =>
      squeezed(line) === squeezed(table.split("\n")[0] ?? "");
    const lines = text.split("\n");
    const from = lines.findIndex(isTitles);
    if (from === -1)
      throw new Error(
        `The README has no table for ${exhibit.name}: put one in that begins with\n${table}`,
      );
    const rows = lines.slice(from).findIndex((line) => !line.startsWith("|"));
    return lines.toSpliced(from, rows, table).join("\n");
  }, readme);

const squeezed = (line: string): string => line.replaceAll(/ +/g, " ");
