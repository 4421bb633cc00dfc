import { lengthText, momentText, shareText } from "../human-time.ts";
import type { ConfigurationReport, ReplayReport } from "../report.ts";
import { ticksOf } from "./axis.ts";
import {
  colours,
  gap,
  laneHeight,
  lanesTop,
  laneWidth,
  left,
  margin,
  shareHeight,
  width,
} from "./layout.ts";
import { shareLane } from "./share-lane.ts";
import { stateLane } from "./state-lane.ts";
import { element, escapeText, textAt } from "./svg.ts";

const mostTicks = 8;

/**
 * A picture of a report as SVG text: the share of failed calls over time and below it a lane for each configuration,
 * coloured by the state its breaker would have been in. A slice of time in which that changed is coloured in parts.
 *
 * It has a background of its own, so that it can be read on light and dark pages, a title and a description for who
 * cannot see it, and no script, font or link. The same report gives the same bytes.
 */
export const replayTimeline = (report: ReplayReport): string => {
  const { configurations, fromMs, toMs } = report;
  const stepY = laneHeight + gap;
  const firstLane = lanesTop + shareHeight + gap;
  const axisTop = firstLane + configurations.length * stepY;
  const height = axisTop + 44;
  const { widthMs } = report.slices;
  const slices = Math.max(Number.MIN_VALUE, (toMs - fromMs) / widthMs);
  const lanes = configurations.map((each, index) => {
    const top = firstLane + index * stepY;
    return stateLane(each, summary(each), top, slices, widthMs);
  });
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "font-family": "system-ui, sans-serif",
      "font-size": 13,
      fill: colours.text,
    },
    [
      "",
      element("title", {}, "What each breaker would have done"),
      element("desc", {}, escapeText(describe(report))),
      element("rect", { width, height, rx: 8, fill: colours.background }),
      heading(report),
      legend(),
      axis(fromMs, toMs, axisTop),
      shareLane(report, slices),
      ...lanes,
      "",
    ].join("\n"),
  )}\n`;
};

const describe = (report: ReplayReport): string =>
  [
    `${report.calls} calls from ${momentText(report.fromMs)} to ${momentText(report.toMs)}, ${shareText(report.failures / report.calls)} failed.`,
    ...report.configurations.map(summary),
  ].join(" ");

const summary = ({ name, totals }: ConfigurationReport): string => {
  const times = totals.openings === 1 ? "once" : `${totals.openings} times`;
  const opened =
    totals.openings === 0
      ? "never opened"
      : `opened ${times}, open for ${lengthText(totals.openMs)}`;
  return `${name}: ${opened}; refused ${totals.refusedRightly} rightly, ${totals.refusedWrongly} wrongly.`;
};

const heading = ({ calls, failures, fromMs, toMs }: ReplayReport): string =>
  [
    textAt(margin, 36, "What each breaker would have done", {
      "font-size": "18",
      "font-weight": "600",
    }),
    textAt(
      margin,
      60,
      `${calls} calls, ${shareText(failures / calls)} failed; ${momentText(fromMs)} and ${lengthText(toMs - fromMs)} from there`,
      { fill: colours.faint },
    ),
  ].join("\n");

const legend = (): string =>
  (
    [
      [colours.closed, "closed"],
      [colours.open, "open"],
      [colours.halfOpen, "half-open"],
      [colours.share, "share of failed calls"],
    ] as const
  )
    .map(([fill, name], index) => {
      const x = left + index * 110;
      return (
        element("rect", { x, y: 74, width: 14, height: 14, fill }) +
        textAt(x + 20, 86, name)
      );
    })
    .join("\n");

const axis = (fromMs: number, toMs: number, y: number): string =>
  ticksOf(fromMs, toMs, mostTicks)
    .map(({ atMs, label }) => {
      const x = left + ((atMs - fromMs) / (toMs - fromMs || 1)) * laneWidth;
      const path = `M${x.toFixed(2)} ${lanesTop}V${y}`;
      const middle = { "text-anchor": "middle", fill: colours.faint };
      return (
        element("path", { d: path, stroke: colours.line }) +
        textAt(x, y + 20, label, middle)
      );
    })
    .join("\n");
