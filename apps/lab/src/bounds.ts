import { named, ratioOf, seriesOf, type Row } from "./table.ts";
import { median } from "./statistics.ts";

/** A figure of one row. */
interface Figure {
  readonly row: string;
  readonly figure: string;
}

/** A promise about rows of one run: the figure, in units of `against` if that is given, is at most or at least so much. */
export interface Bound {
  readonly what: string;
  readonly of: Figure;
  readonly against?: Figure;
  /** `worst`: of all rounds, for what does not change from round to round. @defaultValue "median" */
  readonly take?: "median" | "worst";
  readonly most?: number;
  readonly least?: number;
}

/** What was measured of a bound: the median over the rounds of the ratio within each, or the figure itself. */
export const measuredOf = (
  { of, against, take = "median" }: Bound,
  rows: readonly Row[],
): number => {
  const series = ({ row, figure }: Figure): readonly number[] =>
    seriesOf(named(rows, row), figure);
  const values = series(of);
  if (against !== undefined) return ratioOf(values, series(against));
  return take === "worst" ? Math.max(...values) : median(values);
};

/** Bounds as a Markdown table, each with what was measured and whether that holds. */
export const boundsTable = (
  bounds: readonly Bound[],
  rows: readonly Row[],
): string =>
  [
    "| bound | measured | promised | |",
    "| --- | --: | --: | --- |",
    ...bounds.map((bound) => {
      const { what, most = Infinity, least = -Infinity } = bound;
      const measured = measuredOf(bound, rows);
      const holds = measured <= most && measured >= least;
      const promised =
        most === Infinity ? `at least ${least}` : `at most ${most}`;
      return `| ${what} | ${measured.toFixed(2)} | ${promised} | ${holds ? "held" : "NOT held"} |`;
    }),
  ].join("\n");
