import { named, ratioOf, seriesOf, type Row } from "./report.ts";
import { median } from "../statistics.ts";

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

const flexible = "rate-limiter-flexible";

export const memoryBounds: readonly Bound[] = [
  {
    what: "takeSync, allowed, x bare",
    of: { row: "takeSync", figure: "allowedNs" },
    against: { row: "bare", figure: "allowedNs" },
    most: 2,
  },
  {
    what: `${flexible}, allowed, x takeSync`,
    of: { row: flexible, figure: "allowedNs" },
    against: { row: "takeSync", figure: "allowedNs" },
    least: 4,
  },
  {
    what: `${flexible}, refused, x takeSync`,
    of: { row: flexible, figure: "refusedNs" },
    against: { row: "takeSync", figure: "refusedNs" },
    least: 4,
  },
  {
    what: "takeSync, refused, x allowed",
    of: { row: "takeSync", figure: "refusedNs" },
    against: { row: "takeSync", figure: "allowedNs" },
    most: 1.2,
  },
  {
    what: "takeSync, bytes a key",
    of: { row: "takeSync", figure: "bytesPerKey" },
    take: "worst",
    most: 200,
  },
];

export const redisBounds: readonly Bound[] = [
  {
    what: `batch: false, client CPU, x ${flexible}`,
    of: { row: "batch: false", figure: "clientUs" },
    against: { row: flexible, figure: "clientUs" },
    most: 1,
  },
  {
    what: `batched, decisions/s, x ${flexible}`,
    of: { row: "batched", figure: "perSecond" },
    against: { row: flexible, figure: "perSecond" },
    least: 3,
  },
  {
    what: `leased, hot, decisions/s, x ${flexible}, hot`,
    of: { row: "leased, hot", figure: "perSecond" },
    against: { row: `${flexible}, hot`, figure: "perSecond" },
    least: 15,
  },
];

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
