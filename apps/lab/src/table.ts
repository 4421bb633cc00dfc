import { median, pairedRatios } from "./statistics.ts";
import type { Series } from "./turns.ts";

/** What was measured of one contestant. */
export interface Row {
  readonly name: string;
  readonly about: string;
  readonly series: Series;
}

/** The one of that name. Throws when there is none: nothing is left out in silence. */
export const named = <T extends { readonly name: string }>(
  all: readonly T[],
  name: string,
): T => {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no row "${name}"`);
  return found;
};

export const seriesOf = (row: Row, figure: string): readonly number[] => {
  const found = row.series[figure];
  if (found === undefined) throw new Error(`no ${figure} of "${row.name}"`);
  return found;
};

/** The median over the rounds of the ratio within each, as the machine's speed changes between. */
export const ratioOf = (
  above: readonly number[],
  below: readonly number[],
): number => median(pairedRatios(above, below));

/** One column of figures. */
export interface Column {
  readonly figure: string;
  readonly title: string;
  readonly digits: number;
  /** Whether a column beside it says how often that of the first row goes into it. */
  readonly ratio?: boolean;
  /** Whether its figures were not taken in rounds: each is shown. */
  readonly each?: boolean;
}

const shown = (row: Row, { figure, digits, each }: Column): string => {
  const values = seriesOf(row, figure);
  return each === true
    ? values.map((value) => value.toFixed(digits)).join(" / ")
    : median(values).toFixed(digits);
};

/** The rows as a Markdown table: medians over the rounds, ratios to the first row. */
export const tableOf = (
  rows: readonly Row[],
  columns: readonly Column[],
): string => {
  const [base] = rows;
  if (base === undefined) throw new Error("no rows");
  const beside = (row: Row, { figure, ratio }: Column): string[] =>
    ratio === true
      ? [ratioOf(seriesOf(row, figure), seriesOf(base, figure)).toFixed(2)]
      : [];
  const titles = columns.flatMap(({ title, ratio }) =>
    ratio === true ? [title, `x ${base.name}`] : [title],
  );
  return [
    ["", ...titles, "what it gives"],
    ["---", ...titles.map(() => "--:"), "---"],
    ...rows.map((row) => [
      row.name,
      ...columns.flatMap((column) => [
        shown(row, column),
        ...beside(row, column),
      ]),
      row.about,
    ]),
  ]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
};
