import { quietShare } from "./others.ts";
import {
  costRatio,
  figure,
  thresholds,
  type Row,
  type Threshold,
} from "./results.ts";

/** Columns under their titles: the first and the last to the left, the figures between them to the right. */
export const alignColumns = (
  lines: readonly (readonly string[])[],
): readonly string[] => {
  const width = (column: number): number =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column === line.length - 1
          ? cell.padEnd(width(column))
          : cell.padStart(width(column)),
      )
      .join("  ")
      .trimEnd(),
  );
};

const show = (value: number | undefined, digits: number): string =>
  value?.toFixed(digits) ?? "-";

const percent = (share: number | undefined): string =>
  share === undefined ? "-" : `${(share * 100).toFixed(0)} %`;

const titles = [
  "proxy",
  "x floor",
  "x nginx",
  "CPU us/request",
  "min-max",
  "rps",
  "p50 ms",
  "p99 ms",
  "core busy",
  "others",
  "what it is",
];

const cells = (row: Row, rows: readonly Row[]): readonly string[] => {
  const { outcome } = row;
  if (outcome.state !== "measured") return [];
  const costs = outcome.turns.map((turn) => turn.cpuUsPerRequest);
  return [
    row.name,
    show(costRatio(rows, row.name, "floor")?.median, 2),
    show(costRatio(rows, row.name, "nginx")?.median, 2),
    show(figure(row, "cpuUsPerRequest"), 1),
    `${show(Math.min(...costs), 1)}-${show(Math.max(...costs), 1)}`,
    show(figure(row, "rps"), 0),
    show(figure(row, "p50Ms"), 2),
    show(figure(row, "p99Ms"), 2),
    percent(figure(row, "busy")),
    percent(figure(row, "others")),
    row.title,
  ];
};

const part = (heading: string, rows: readonly Row[], all: readonly Row[]) => {
  if (rows.length === 0) return [];
  const measured = rows.filter(({ outcome }) => outcome.state === "measured");
  const others = rows.flatMap(({ name, outcome }) =>
    outcome.state === "measured"
      ? []
      : [
          `${name}  ${outcome.state === "missing" ? "NOT MEASURED" : "INVALID"}: ${outcome.reason}`,
        ],
  );
  const body = measured.map((row) => cells(row, all));
  return [
    heading,
    ...(body.length === 0 ? [] : alignColumns([titles, ...body])),
    ...others,
    "",
  ];
};

const verdict = ({ promise, ratio, holds }: Threshold): string =>
  ratio === undefined
    ? `${promise}: not decided, this run has not measured both`
    : `${promise}: ${show(ratio.median, 2)} (${show(ratio.lowest, 2)} to ${show(ratio.highest, 2)} in single rounds), ${holds === true ? "holds" : "DOES NOT HOLD"}`;

const warning = (rows: readonly Row[]): readonly string[] => {
  const turns = rows.flatMap(({ outcome }) =>
    outcome.state === "measured" ? outcome.turns : [],
  );
  const disturbed = turns.filter(({ others }) => others > quietShare);
  return disturbed.length === 0
    ? []
    : [
        `Other work took more than ${percent(quietShare)} of the machine in ${disturbed.length} of ${turns.length} turns: these figures are rough.`,
      ];
};

/** The whole report, ratios first; medians over the turns of each row. */
export const renderTable = (rows: readonly Row[]): string =>
  [
    ...part(
      "Access log off",
      rows.filter(({ accessLog }) => !accessLog),
      rows,
    ),
    ...part(
      "Access log on, one line a request to a file",
      rows.filter(({ accessLog }) => accessLog),
      rows,
    ),
    ...thresholds(rows).map(verdict),
    ...warning(rows),
    "",
  ].join("\n");
