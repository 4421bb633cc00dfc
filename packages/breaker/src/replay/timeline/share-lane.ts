import type { ReplayReport } from "../report.ts";
import { drawColumns, type Column } from "./columns.ts";
import {
  colours,
  frameAt,
  laneWidth,
  lanesTop,
  left,
  margin,
  shareHeight,
} from "./layout.ts";
import { element, textAt } from "./svg.ts";

/** More would show single calls rather than a share of many. */
const mostColumns = 128;

/** The share of failed calls over time. `count` is how many slices fit into the width. */
export const shareLane = (
  { slices: { calls, failures } }: ReplayReport,
  count: number,
): string => {
  const together = Math.ceil(calls.length / mostColumns);
  const columns: Column[] = [];
  for (let first = 0; first < calls.length; first += together) {
    const all = sum(calls.slice(first, first + together));
    const failed = sum(failures.slice(first, first + together));
    columns.push({ from: 0, to: all === 0 ? 0 : failed / all });
  }
  const frame = frameAt(lanesTop, shareHeight);
  const bottom = lanesTop + shareHeight;
  const faint = { fill: colours.faint, "text-anchor": "end" };
  return [
    textAt(margin, lanesTop + shareHeight / 2 + 4, "failed calls"),
    textAt(left - 8, lanesTop + 10, "100 %", faint),
    textAt(left - 8, bottom, "0 %", faint),
    ...drawColumns(frame, count / together, columns, colours.share),
    element("path", {
      d: `M${left} ${bottom}h${laneWidth}`,
      stroke: colours.faint,
    }),
  ].join("\n");
};

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);
