import { lengthText, momentText, shareText } from "../replay/human-time.ts";
import type {
  ConfigurationReport,
  Opening,
  ReplayReport,
  ReplayTotals,
} from "../replay/report.ts";
import { formatTable, printable, type TableColumn } from "./format-table.ts";

/** More are in `--json`. */
const mostPrinted = 20;

const text = (head: string): TableColumn => ({ head, isNumber: false });
const number = (head: string): TableColumn => ({ head, isNumber: true });

/** A report for people to read: a table of all configurations, then the openings of each. */
export const formatReport = (report: ReplayReport): string => {
  const { calls, failures, fromMs, toMs, configurations } = report;
  return [
    `${calls} calls in ${lengthText(toMs - fromMs)} from ${momentText(fromMs)} to ${momentText(toMs)}, ${failures} failed (${shareText(failures / calls)})`,
    "",
    ...formatTable(
      [
        text("configuration"),
        number("opened"),
        number("open for"),
        number("let through"),
        number("and failed"),
        number("refused rightly"),
        number("refused wrongly"),
      ],
      configurations.map(({ name, totals }) => [name, ...totalCells(totals)]),
    ),
    "",
    "refused rightly: of the calls that failed in the log; wrongly: of those that succeeded",
    ...configurations.flatMap((each) => ["", ...openingLines(each)]),
    "",
    "Judged by the log as it was recorded: it cannot tell how the service would have recovered with fewer calls.",
    "",
  ].join("\n");
};

const totalCells = (totals: ReplayTotals): readonly string[] => {
  const { calls, failures, refusedRightly, refusedWrongly } = totals;
  return [
    String(totals.openings),
    lengthText(totals.openMs),
    String(totals.admitted),
    String(totals.admittedFailures),
    part(refusedRightly, failures),
    part(refusedWrongly, calls - failures),
  ];
};

const part = (count: number, all: number): string =>
  all === 0 ? String(count) : `${count} (${shareText(count / all)})`;

const openingLines = (report: ConfigurationReport): readonly string[] => {
  const { openings, totals } = report;
  const name = printable(report.name);
  if (totals.openings === 0) return [`${name} would never have opened`];
  const times = totals.openings === 1 ? "once" : `${totals.openings} times`;
  const printed = openings.slice(0, mostPrinted);
  const more = totals.openings - printed.length;
  return [
    `${name} would have opened ${times}`,
    ...formatTable(
      [
        text("opened"),
        text("closed after"),
        number("reopened"),
        number("refused rightly"),
        number("refused wrongly"),
        text("why"),
      ],
      printed.map(openingCells),
    ),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
};

const openingCells = (opening: Opening): readonly string[] => {
  const { openedAtMs, closedAtMs } = opening;
  return [
    momentText(openedAtMs),
    closedAtMs === undefined ? "not" : lengthText(closedAtMs - openedAtMs),
    String(opening.reopened),
    String(opening.refusedRightly),
    String(opening.refusedWrongly),
    opening.why,
  ];
};
